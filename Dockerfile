# syntax=docker/dockerfile:1
# Build tools (npm, uv, caches) stay out of the final image.
FROM node:24-bookworm-slim AS logos
WORKDIR /logos
RUN npm pack --silent --ignore-scripts @lobehub/icons-static-svg@1.95.1

FROM python:3.13-slim-bookworm AS build
RUN pip install --no-cache-dir uv==0.13.9
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/ratecard/.venv
WORKDIR /ratecard
# Dependencies first: they change less often than the code.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev
COPY . .
# Logos are no part of the sources; docs/logos.md.
RUN --mount=from=logos,source=/logos,target=/tarballs \
    RATECARD_HOME=/tmp/home .venv/bin/python manage.py make_logos --tarball /tarballs/*.tgz --into logos

FROM python:3.13-slim-bookworm
RUN groupadd --system --gid 10001 ratecard \
    && useradd --system --uid 10001 --gid ratecard --home-dir /data --shell /usr/sbin/nologin ratecard \
    && install --directory --owner ratecard --group ratecard --mode 700 /data
WORKDIR /ratecard
COPY --from=build /ratecard /ratecard
ENV PATH=/ratecard/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    RATECARD_HOME=/data RATECARD_HOST=0.0.0.0 PORT=8000
USER ratecard
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=90s --retries=4 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/healthz' % os.environ['PORT'], timeout=4)"]
# Alone it is a whole install with its own PostgreSQL in /data; docker-compose.yml runs the parts apart.
CMD ["python", "manage.py", "run"]
