"""What the compose file promises, each checked on running containers; returns what was seen."""

import time
from concurrent.futures import ThreadPoolExecutor

from compose.crowd import Crowd
from compose.engine import PROJECT, ROOT, Engine, Failed, require, wait
from compose.visitor import Visitor

ALONE = f"{PROJECT}-alone"
SERVICES = ("postgres", "redis", "prepare", "web", "worker", "beat", "proxy")
LASTING = tuple(name for name in SERVICES if name != "prepare")
OURS = ("web", "worker", "beat")
USER = 10001
# Of images whose entry, as root, hands folders over to another user: all that it keeps of root's.
CAPABILITIES = {
    "postgres": {"chown", "dac_override", "fowner", "setgid", "setuid"},
    "redis": {"chown", "dac_override", "setgid", "setuid"},
    "proxy": {"chown", "setgid", "setuid"},
}
CAPABILITY_BITS = {0: "chown", 1: "dac_override", 3: "fowner", 6: "setgid", 7: "setuid"}
MIRROR_LIMIT_MB = 128
ROWS = 100_000
MANY_ROWS = 1_000_000
SLOW_SECONDS = 8.0
# Sends a signal to the program of a container that has no tools for it.
SIGNAL = """
import os, pathlib, signal, sys
for folder in pathlib.Path("/proc").glob("[0-9]*"):
    words = (folder / "cmdline").read_bytes().split(b"\\0")
    if sys.argv[2].encode() in words and int(folder.name) not in (1, os.getpid()):
        os.kill(int(folder.name), getattr(signal, sys.argv[1]))
"""
SEND = (
    "from config.celery import app; app.send_task('sources.tasks.refresh_source', ['models-dev'])"
)
RUNNING = "SELECT count(*) FROM usage_usagelog WHERE state = 'running'"
REFRESHED = "SELECT count(*) FROM sources_refresh WHERE error = '' AND finished_at IS NOT NULL"
LIMIT = (
    "cat /sys/fs/cgroup/memory.max 2> /dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes"
)


def image_is_built(engine: Engine, address: str) -> str:
    # One service is enough: all of Ratecard's have the same image.
    engine.compose("build", "prepare")
    size = int(engine.run("image", "inspect", "--format", "{{.Size}}", PROJECT))
    return f"{size / 1e6:,.0f} MB"


def image_alone_is_a_whole_install(engine: Engine, address: str) -> str:
    port = "127.0.0.1::8000"
    hardened = ("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--tmpfs=/tmp")
    engine.run("run", "--detach", f"--name={ALONE}", f"--publish={port}", *hardened, PROJECT)
    published = engine.run("port", ALONE, "8000").splitlines()[0].rpartition(":")[2]
    with Visitor(f"http://127.0.0.1:{published}") as visitor:
        seconds = wait(lambda: visitor.status("/readyz") == 200, "ready alone")
        priced = visitor.wait_for_result(visitor.start_log(rows=2))
    require(user_of(engine, ALONE) == USER, f"{ALONE} does not run as {USER}")
    require(engine.is_healthy(ALONE), f"{ALONE} is not healthy")
    stop = time.monotonic()
    engine.run("stop", "-t", "60", ALONE)
    code = engine.run("inspect", "--format", "{{.State.ExitCode}}", ALONE)
    require(code == "0", f"{ALONE} ended with code {code}")
    engine.run("rm", "--volumes", ALONE)
    return (
        f"ready after {seconds:.0f} s, {priced['rows']} rows priced,"
        f" stopped in {time.monotonic() - stop:.0f} s"
    )


def everything_starts(engine: Engine, address: str) -> str:
    """Start in the file's order, which not every podman-compose keeps by itself."""
    start = time.monotonic()
    engine.compose("up", "--detach", "--no-build", "postgres", "redis")
    for service in ("postgres", "redis"):
        wait_for_service(engine, service)
    engine.compose("up", "--detach", "--no-build", "--no-deps", "prepare")
    (prepare,) = engine.containers("prepare")
    code = engine.run("wait", prepare)
    require(code == "0", f"prepare ended with code {code}")
    prepared = time.monotonic() - start
    engine.compose(
        "up", "--detach", "--no-build", "--no-deps", "web", "worker", "beat", "mirror", "proxy"
    )
    wait_until_ready(address)
    for service in OURS:
        wait_for_service(engine, service)
    counts = {name: len(engine.containers(name)) for name in ("web", "worker")}
    require(counts == {"web": 2, "worker": 2}, f"not two of each: {counts}")
    return f"prepared after {prepared:.0f} s, all healthy after {time.monotonic() - start:.0f} s"


def containers_are_hardened(engine: Engine, address: str) -> str:
    limits = []
    for service in LASTING:
        for container in engine.containers(service):
            status = engine.execute(container, "cat", "/proc/1/status")
            fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            bound = int(fields["CapBnd"], 16)
            held = {CAPABILITY_BITS.get(bit, str(bit)) for bit in range(64) if bound >> bit & 1}
            require(
                held == CAPABILITIES.get(service, set()), f"{container} holds capabilities: {held}"
            )
            require(fields["NoNewPrivs"] == "1", f"{container} may gain privileges")
            user = int(fields["Uid"].split()[0])
            if service in OURS:
                require(user == USER, f"{container} runs as {user}")
            require(user != 0 or service == "proxy", f"{container} runs as root")
            require(not writes(engine, container), f"{container} can write to its root")
            stated = int(engine.run("inspect", "--format", "{{.HostConfig.Memory}}", container))
            real = int(engine.execute(container, "sh", "-c", LIMIT))
            require(0 < stated == real, f"{container}: {stated} bytes stated, {real} in force")
            limits.append(f"{container.removeprefix(PROJECT)[1:]} {real >> 20} MB")
    (mirror,) = engine.containers("mirror")
    hog = f"len(bytearray({2 * MIRROR_LIMIT_MB} << 20))"
    require(not succeeds(engine, mirror, "python", "-c", hog), "a memory limit has no effect")
    # Podman's monitor leaves a file in the folder that it was started in.
    (ROOT / "oom").unlink(missing_ok=True)
    return f"uid {USER}, no capabilities, read-only; memory: {', '.join(limits)}"


def refresh_is_read_from_the_mirror(engine: Engine, address: str) -> str:
    before = count(engine, REFRESHED)
    (beat,) = engine.containers("beat")
    engine.execute(beat, "python", "-c", SEND)
    seconds = wait(lambda: count(engine, REFRESHED) > before, "a refresh")
    return f"done after {seconds:.0f} s"


def usage_log_is_priced(engine: Engine, address: str) -> str:
    with Visitor(address) as visitor:
        result = visitor.wait_for_result(visitor.start_log(rows=3))
    require(result["as_run"]["amounts"] == {"USD": "4.62"}, str(result["as_run"]))
    return "3 rows cost $4.62"


def rolling_restart_loses_nothing(engine: Engine, address: str) -> str:
    """Web and worker containers restart one after the other under visitors and usage logs."""

    def upload() -> str:
        with Visitor(address) as visitor:
            return visitor.start_log(ROWS, seconds=SLOW_SECONDS)

    logs = []
    with Crowd(address) as crowd, Visitor(address) as visitor, ThreadPoolExecutor() as pool:
        for service in ("web", "worker"):
            for container in engine.containers(service):
                # An upload to each web container, probably, that has begun when one stops.
                uploads = [pool.submit(upload) for _ in range(2)]
                time.sleep(SLOW_SECONDS / 2)
                engine.run("restart", "-t", "660", container)
                wait_for_health(engine, container)
                logs += [each.result() for each in uploads]
        for log in logs:
            require(visitor.wait_for_result(log, 300)["rows"] == ROWS, f"{log} is not whole")
    lost = f"{len(crowd.lost)} of {crowd.answered + len(crowd.lost)} requests lost"
    require(not crowd.lost, f"{lost}: {crowd.lost[:10]}")
    return f"{lost}, slowest {crowd.slowest:.1f} s, {len(logs)} usage logs priced"


def killed_worker_loses_no_job(engine: Engine, address: str) -> str:
    """The only worker is killed in the middle of two usage logs, with two more in its hands."""
    killed, other = engine.containers("worker")
    engine.run("stop", "-t", "660", other)
    with Visitor(address) as visitor:
        logs = [visitor.start_log(MANY_ROWS) for _ in range(4)]
        wait(lambda: count(engine, RUNNING) == 2, "two usage logs at work")
        engine.run("kill", "--signal=KILL", killed)
        engine.run("start", other)
        start = time.monotonic()
        for log in logs:
            require(visitor.wait_for_result(log, 420)["rows"] == MANY_ROWS, f"{log} is not whole")
    engine.run("start", killed)
    wait_for_service(engine, "worker")
    return f"all four done by {other} after {time.monotonic() - start:.0f} s"


def stuck_parts_are_unhealthy(engine: Engine, address: str) -> str:
    seen = []
    for service in ("worker", "beat"):
        stuck = engine.containers(service)[0]
        engine.execute(stuck, "python", "-c", SIGNAL, "SIGSTOP", service)
        seconds = wait_for_health(engine, stuck, healthy=False)
        engine.execute(stuck, "python", "-c", SIGNAL, "SIGCONT", service)
        wait_for_health(engine, stuck)
        seen.append(f"{service} after {seconds:.0f} s")
    return ", ".join(seen)


def everything_restarts_in_any_order(engine: Engine, address: str) -> str:
    """As after a power cut: the engine starts containers again without regard to their needs."""
    names = [name for service in reversed(LASTING) for name in engine.containers(service)]
    engine.run("kill", "--signal=KILL", *names)
    start = time.monotonic()
    for name in names:
        engine.run("start", name)
    wait_until_ready(address)
    for service in OURS:
        wait_for_service(engine, service)
    seconds = time.monotonic() - start
    usage_log_is_priced(engine, address)
    return f"all healthy after {seconds:.0f} s"


FIRST = (image_is_built, everything_starts)
ALL = (
    image_is_built,
    image_alone_is_a_whole_install,
    everything_starts,
    containers_are_hardened,
    refresh_is_read_from_the_mirror,
    usage_log_is_priced,
    rolling_restart_loses_nothing,
    killed_worker_loses_no_job,
    stuck_parts_are_unhealthy,
    everything_restarts_in_any_order,
)


def wait_until_ready(address: str) -> None:
    with Visitor(address) as visitor:
        wait(lambda: visitor.status("/readyz") == 200, "ready")


def wait_for_service(engine: Engine, service: str) -> None:
    for container in engine.containers(service):
        wait_for_health(engine, container)


def wait_for_health(engine: Engine, container: str, *, healthy: bool = True) -> float:
    what = f"{container} {'healthy' if healthy else 'unhealthy'}"
    return wait(lambda: engine.is_healthy(container) == healthy, what, 240)


def user_of(engine: Engine, container: str) -> int:
    return int(engine.execute(container, "id", "--user"))


def writes(engine: Engine, container: str) -> bool:
    return succeeds(engine, container, "touch", "/probe")


def count(engine: Engine, query: str) -> int:
    (postgres,) = engine.containers("postgres")
    psql = ("psql", "--username=ratecard", "--tuples-only", "--no-align", "--command", query)
    return int(engine.execute(postgres, *psql))


def succeeds(engine: Engine, container: str, *command: str) -> bool:
    try:
        engine.execute(container, *command)
    except Failed:
        return False
    return True
