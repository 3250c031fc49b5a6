"""Tables for parsing spellings: words and regular expressions, no logic. Pure.

A row belongs here if it holds for every provider: how a creator names models, how providers mark
what they serve. What is true of one name alone is an alias: in aliases.json, or by an editor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """How names of one family of models are parsed.

    `starts`: regular expression that the name begins with. `weak`: an everyday word, outweighed by
    a known organisation or a creator's own API. `brands`: words for the creator, not for a model
    ("claude", "step"). `drops`: words that some leave out without meaning another model. `asides`:
    last words that name a way of serving the same model. `open`: published weights, which others
    host, quantise and fine-tune. `mmdd`: four digits are a day. `whole`: sizes that the
    name may leave out, since it has no other. `sizeless`: words that already imply
    the size. `coded`: four digits YYMM name the release, and make the version superfluous.
    `modes_since`: from this version on "thinking" and "turbo" are switches; before it, other
    weights. `keeps`: words of serving that are names here.
    """

    creator: str
    starts: str
    weak: bool = False
    brands: frozenset[str] = frozenset()
    drops: frozenset[str] = frozenset()
    asides: frozenset[str] = frozenset()
    open: bool = False
    mmdd: bool = False
    whole: frozenset[str] = frozenset()
    sizeless: frozenset[str] = frozenset()
    sizeless_by_code: frozenset[str] = frozenset()
    coded: bool = False
    modes_since: tuple[int, int] | None = None
    keeps: frozenset[str] = frozenset()


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


THINKING = "thinking think nothinking nothink reasoner"
EFFORTS = "none minimal low medium high xhigh max"
MODES = words(f"{THINKING} turbo")
SPEEDS = words("fast turbo lightning ultra")

# The first row that fits wins, so derived families come before those that they derive from.
FAMILIES: tuple[Family, ...] = (
    Family("alfredpros", r"codellama-7b-instruct-solidity"),
    Family("arliai", r"qwq-32b-arliai"),
    Family("dottxt", r".*-dottxt$"),
    Family("featherless-ai", r"qwerky"),
    Family("groq", r"llama3-groq-|compound", asides=words("preview")),
    Family("neversleep", r"(llama-3(\.1)?-)?lumimaid|noromaid"),
    Family("perplexity", r"llama-3(\.1)?-sonar", brands=words("perplexity"), keeps=words("online")),
    Family("scb10x", r"(llama-?3\.1-)?typhoon"),
    Family(
        "nvidia",
        r"(.*-)?nemotron|nemoretriever|(.*-)?nemoretriever|nv-|cosmos|riva-|parakeet|"
        r"(.*-)?nv-(rerank|embed)",
        brands=words("nvidia"),
        drops=words("instruct hf"),
        open=True,
    ),
    Family(
        "anthropic",
        r"claude|(opus|sonnet|haiku|fable|mythos)-",
        brands=words("claude anthropic"),
        asides=words(f"{THINKING} {EFFORTS} fast 1m"),
    ),
    Family(
        "openai",
        r"gpt-?oss",
        brands=words("openai"),
        asides=words("high low medium fast turbo ultra"),
        open=True,
    ),
    Family(
        "openai",
        r"gpt-image|chatgpt-image|dall-?e|sora|whisper|tts-1|text-embedding-(3|ada)|text-davinci|"
        r"(omni|text)-moderation|codex-mini|(ada|babbage|curie|davinci)(-|$)|computer-use|"
        r"chat-latest|daybreak-",
        brands=words("openai"),
    ),
    Family(
        "openai",
        r"(chat)?gpt-?\d|o[1-9](-|$)|"
        r"gpt-(audio|realtime|chat|live|transcribe|daybreak|rosalind|latest|mini)",
        brands=words("openai"),
        asides=words("minimal low medium high xhigh none thinking fast"),
    ),
    Family(
        "google",
        r"gemini-embedding|text-embedding-0|text-multilingual-embedding|"
        r"textembedding",
        brands=words("google"),
    ),
    Family("google", r"multimodalembedding", asides=words("001")),
    Family("google", r"medlm"),
    Family(
        "google",
        r"(code|diffusion)?gemma|shieldgemma|paligemma|medgemma|t5gemma",
        brands=words("google"),
        drops=words("it instruct"),
        asides=words(THINKING),
        open=True,
    ),
    Family(
        "google",
        r"imagen|veo(-|\d)",
        brands=words("google"),
        drops=words("generate"),
        asides=words("001"),
    ),
    Family(
        "google",
        r"gemini|nano-banana|learnlm|lyria|palm-|chat-bison|text-bison|text-unicorn",
        brands=words("google"),
        asides=words(f"{THINKING} 001 search low medium high"),
    ),
    Family(
        "meta",
        r"(meta-)?(code-?)?llama|muse-|segment-anything|sam-\d|m2m100|esm",
        brands=words("meta"),
        drops=words("instruct chat it hf"),
        asides=words("4096 8192 instant versatile basic lite long preview tr"),
        open=True,
    ),
    Family("tngtech", r"(deepseek-)?(tng-|r1t)"),
    Family(
        "deepseek",
        r"deepseek",
        brands=words("deepseek"),
        drops=words("instruct distill chat"),
        asides=words("thinking think fast turbo lightning basic"),
        open=True,
        whole=words("671b 685b"),
    ),
    Family(
        "xai",
        r"grok",
        brands=words("xai"),
        drops=words("beta"),
        asides=words(f"{THINKING} gv2"),
        mmdd=True,
    ),
    Family(
        "moonshotai",
        r"kimi|moonshot-v|moonlight",
        brands=words("moonshot moonshotai"),
        drops=words("instruct preview"),
        asides=words("fast nothinking"),
        open=True,
        whole=words("1t"),
        modes_since=(2, 1),
    ),
    Family(
        "zhipuai",
        r"glm|chatglm|codegeex|cogview|cogvideo|autoglm",
        brands=words("zai zhipuai"),
        asides=words(f"{THINKING} fast"),
        open=True,
    ),
    Family(
        "minimax",
        r"minimax|abab|hailuo",
        brands=words("minimax"),
        asides=words("fast turbo"),
        open=True,
    ),
    Family(
        "alibaba",
        r"qwen|qwq|qvq|tongyi|wan-?\d|codeqwen|code-qwen|qwenlong|qwerky",
        brands=words("alibaba"),
        drops=words("instruct"),
        open=True,
        modes_since=(3, 5),
    ),
    Family(
        "mistral",
        r"(open-)?(mistral|mixtral|ministral)|(labs-)?(devstral|leanstral)|codestral|magistral|"
        r"pixtral|voxtral|mathstral|mamba-codestral",
        brands=words("mistral mistralai labs open"),
        drops=words("instruct"),
        asides=words("001 32768"),
        open=True,
        coded=True,
        sizeless=words("small medium large devstral magistral voxtral nemo saba codestral"),
        sizeless_by_code=words("pixtral"),
    ),
    Family(
        "xiaomi",
        r"mimo-",
        brands=words("xiaomi"),
        drops=words("rl"),
        asides=words(THINKING),
        open=True,
    ),
    Family(
        "bytedance",
        r"doubao|dola-seed|seed-|skylark|seedance|seedream|seededit|dreamina|ui-tars|bagel",
        brands=words("doubao dola bytedance"),
        drops=words("image"),
    ),
    Family("tencent", r"hunyuan|hy[34]", brands=words("tencent"), open=True),
    Family(
        "baidu",
        r"ernie|qianfan|paddleocr|cobuddy",
        brands=words("baidu"),
        drops=words("pt paddle"),
        open=True,
    ),
    Family(
        "microsoft",
        r"phi-?\d|wizardlm|mai-|orca-",
        brands=words("microsoft"),
        drops=words("instruct"),
        open=True,
    ),
    Family(
        "stepfun",
        r"step-|stepfun|stepaudio",
        weak=True,
        brands=words("step stepfun"),
        asides=words(THINKING),
    ),
    Family("inclusionai", r"(ling|ring)-", weak=True),
    Family(
        "cohere",
        r"command|c4ai|aya-|north-mini|embed-(v|english|multilingual)|"
        r"rerank-(v|english|multilingual)",
        weak=True,
        brands=words("cohere c4ai"),
    ),
    Family("amazon", r"nova|titan", weak=True, brands=words("amazon")),
    Family("perplexity", r"sonar|pplx|r1-1776", brands=words("perplexity"), keeps=words("online")),
    Family("ai21", r"(ai21-)?(jamba|j2-)", brands=words("ai21"), asides=words("001")),
    Family("ibm", r"granite", brands=words("ibm"), drops=words("instruct")),
    Family("meituan", r"longcat"),
    Family("kwaipilot", r"kat-"),
    Family("01-ai", r"yi-", weak=True, open=True),
    Family(
        "arcee-ai",
        r"trinity|virtuoso|maestro-reasoning|(caller|coder)-large|spotlight",
        weak=True,
        brands=words("arcee"),
    ),
    Family("nousresearch", r"(nous-)?hermes|nous-", open=True),
    Family("cognitivecomputations", r"dolphin"),
    Family(
        "upstage", r"solar-", weak=True, brands=words("upstage"), drops=words("instruct"), open=True
    ),
    Family("inception", r"mercury", weak=True, drops=words("beta")),
    Family("allenai", r"olmo|molmo|tulu", open=True),
    Family("deepcogito", r"cogito"),
    Family("databricks", r"dbrx", open=True),
    Family("snowflake", r"(snowflake-)?arctic", brands=words("snowflake")),
    Family("liquid", r"lfm", open=True),
    Family("reka", r"reka", brands=words("rekaai")),
    Family("writer", r"palmyra", brands=words("writer")),
    Family("twelvelabs", r"marengo|pegasus"),
    Family("black-forest-labs", r"flux", brands=words("bfl"), keeps=words("flex")),
    Family(
        "stability",
        r"stable-|stablediffusion|stablelm|stablecode|sdxl|sd-?[1-9]",
        brands=words("stable diffusion sd stability"),
        drops=words("base"),
    ),
    Family("ideogram", r"ideogram"),
    Family("recraft", r"recraft"),
    Family("recursive", r"flint-"),
    Family("luma", r"ray-?\d|photon-"),
    Family("runway", r"gen-?[34]|runway|aleph"),
    Family("kuaishou", r"kling"),
    Family("elevenlabs", r"eleven|scribe", brands=words("eleven elevenlabs labs")),
    Family("deepgram", r"aura-"),
    Family("voyage", r"voyage", brands=words("voyageai")),
    Family("jina", r"jina", brands=words("jinaai")),
    Family("baai", r"bge-", brands=words("baai")),
    Family("intfloat", r"(multilingual-)?e5-"),
    Family("thenlper", r"gte-(base|large|small)$"),
    Family("alibaba", r"gte-|text-embedding-v\d"),
    Family("nomic", r"nomic"),
    Family("mixedbread", r"mxbai"),
    Family("sentence-transformers", r"all-mini-?lm|all-mpnet|multi-qa|paraphrase-"),
    Family("primeintellect", r"intellect-\d"),
    Family("essentialai", r"rnj-", drops=words("instruct")),
    Family("sarvam", r"sarva[mn]", brands=words("sarvamai")),
    Family("swiss-ai", r"apertus"),
    Family("thinkingmachines", r"inkling"),
    Family("reflection", r"beam-|beam$", weak=True),
    Family("tii", r"falcon"),
    Family("bigcode", r"starcoder|santacoder"),
    Family("opengvlab", r"internvl"),
    Family("internlm", r"internlm|intern-s"),
    Family("lmsys", r"vicuna"),
    Family("openchat", r"openchat"),
    Family("huggingfaceh4", r"zephyr"),
    Family("llava", r"llava"),
    Family("gryphe", r"mythomax"),
    Family("openbmb", r"minicpm"),
    Family("baichuan", r"baichuan"),
    Family("sapiens-ai", r"agnes"),
    Family("lg", r"exaone"),
    Family("cursor", r"composer-"),
    Family("cognition", r"swe-\d"),
    Family("sakana", r"fugu-"),
    Family("aion-labs", r"aion-", brands=words("aion-labs")),
    Family("baseten", r"baseten-|(elephant|joey|mammoth)-\d"),
    Family("core42", r"jais-"),
    Family("crof", r"greg-"),
    Family("eleutherai", r"pythia|llemma"),
    Family("fetch-ai", r"asi1-"),
    Family("fireworks-ai", r"fire(function|llava|router|search|works)|ember-\d|rune$", weak=True),
    Family("hcompany", r"holo[23]-"),
    Family("huggingface", r"distilbert"),
    Family("inclusionai", r"ming-", weak=True),
    Family("microsoft", r"trellis", brands=words("microsoft")),
    Family("moondream", r"moondream"),
    Family("open-orca", r"openorca"),
    Family("open-thoughts", r"openthinker"),
    Family("ornith-ai", r"ornith-"),
    Family("parallel-ai", r"parallel-", brands=words("parallel")),
    Family("phind", r"phind"),
    Family("playground", r"playground-v"),
    Family("poolside", r"laguna-"),
    Family("reducto", r"rolm-ocr"),
    Family("regolo-ai", r"brick-", weak=True),
    Family("sap", r"sap-"),
    Family("sdaia", r"allam"),
    Family("segmind", r"ssd-1b"),
    Family("sentientagi", r"dobby"),
    Family("snorkelai", r"snorkel"),
    Family("stability", r"japanese-stable-|fast-(stable-diffusion|sdxl)"),
    Family("stanford", r"alpaca"),
    Family("stealth", r"big-pickle|ox-alpha|space-bunny|x-preview-"),
    Family("strands", r"strands-"),
    Family("subconscious", r"tim-"),
    Family("teknium", r"openhermes"),
    Family("thedrummer", r"valkyrie|anubis"),
    Family("togetherai", r"gpt-jt|redpajama|stripedhyena|tev\d"),
    Family("trendyol", r"trendyol"),
    Family("undi95", r"toppy-m|remm-"),
    Family("typesafe", r"jev-\d", brands=words("typesafe")),
    Family("venice", r"venice-uncensored"),
)

# Path segments and dotted or glued prefixes that name a creator: organisation -> creator.
ORGS: dict[str, str] = {
    org: creator
    for creator, orgs in {
        "ai21": "ai21 ai21-labs ai21labs",
        "abacusai": "abacusai abacus",
        "alibaba": "alibaba qwen alibaba-nlp tongyi-zhiwen aliyun alibaba-cloud wanx",
        "allenai": "allenai",
        "amazon": "amazon aws amazon-nova",
        "anthropic": "anthropic",
        "arcee-ai": "arcee-ai arcee",
        "baai": "baai",
        "baidu": "baidu paddlepaddle",
        "bespokelabs": "bespokelabs bespoke",
        "black-forest-labs": "black-forest-labs bfl blackforestlabs",
        "bytedance": "bytedance bytedance-seed volcengine doubao",
        "cohere": "cohere coherelabs cohereforai",
        "databricks": "databricks",
        "deepcogito": "deepcogito",
        "deepgram": "deepgram",
        "deepseek": "deepseek deepseek-ai",
        "elevenlabs": "elevenlabs",
        "google": "google gemini google-deepmind",
        "ibm": "ibm ibm-granite",
        "ideogram": "ideogram ideogramai",
        "inception": "inception inceptionlabs",
        "inclusionai": "inclusionai",
        "jina": "jina jinaai jina-ai",
        "kilo": "kilo-auto",
        "kwaipilot": "kwaipilot kwai-kat",
        "liquid": "liquid liquidai",
        "luma": "luma lumalabs",
        "meituan": "meituan meituan-longcat",
        "meta": "meta meta-llama meta-models meta-contributor facebook codellama",
        "microsoft": "microsoft wizardlm doc-intelligence speech",
        "minimax": "minimax minimaxai",
        "mistral": "mistral mistralai mistral-ai",
        "moonshotai": "moonshotai moonshot moonshot-ai kimi",
        "nace": "nace nace-ai",
        "nano-gpt": "nanogpt",
        "nousresearch": "nousresearch",
        "nvidia": "nvidia",
        "openai": "openai",
        "parallel-ai": "parallel-ai parallel",
        "particle-ai": "particle-ai particle",
        "perplexity": "perplexity perplexity-ai",
        "primeintellect": "primeintellect prime-intellect",
        "recraft": "recraft",
        "ricursive-ai": "ricursive-ai ricursiveai",
        "reka": "reka rekaai",
        "runway": "runway runwayml",
        "sarvam": "sarvam sarvamai",
        "snowflake": "snowflake",
        "stability": "stability stabilityai stability-ai",
        "stealth": "stealth",
        "stepfun": "stepfun stepfun-ai",
        "tencent": "tencent",
        "thinkingmachines": "thinkingmachines",
        "twelvelabs": "twelvelabs",
        "typesafe": "typesafe typesafeai typesafe-ai",
        "umans-ai": "umans-ai",
        "upstage": "upstage",
        "voyage": "voyage voyageai",
        "writer": "writer",
        "xai": "xai x-ai grok",
        "xiaomi": "xiaomi xiaomimimo xiaomi-mimo mimo",
        "zhipuai": "zhipuai z-ai zai zai-org thudm bigmodel",
        "01-ai": "01-ai zero-one-ai",
        "nomic": "nomic-ai nomic",
        "aion-labs": "aion-labs",
        "reflection": "reflection",
        "intfloat": "intfloat",
        "kuaishou": "kuaishou",
        "cognitivecomputations": "cognitivecomputations",
        "gryphe": "gryphe",
        "swiss-ai": "swiss-ai",
    }.items()
    for org in orgs.split()
}

# A creator's own API: provider -> creator. What it lists under a bare name is the creator's.
FIRST_PARTY: dict[str, str] = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google": "google",
    "google-vertex": "google",
    "mistral": "mistral",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "xai": "xai",
    "alibaba": "alibaba",
    "alibaba-cn": "alibaba",
    "moonshotai": "moonshotai",
    "moonshotai-cn": "moonshotai",
    "zai": "zhipuai",
    "zhipuai": "zhipuai",
    "minimax": "minimax",
    "minimax-cn": "minimax",
    "xiaomi": "xiaomi",
    "stepfun": "stepfun",
    "stepfun-ai": "stepfun",
    "perplexity": "perplexity",
    "inception": "inception",
    "upstage": "upstage",
    "sarvam": "sarvam",
    "morph": "morph",
    "v0": "vercel",
    "nova": "amazon",
    "bailing": "inclusionai",
    "llama": "meta",
    "meta": "meta",
    "nvidia": "nvidia",
    "lucidquery": "lucidquery",
    "abliteration-ai": "abliteration-ai",
    "claudinio": "claudinio",
    "poolside": "poolside",
    "sakana": "sakana",
    "xpersona": "xpersona",
    "cloudflare-workers-ai": "cloudflare",
    "zeldoc": "zeldoc",
    "subconscious": "subconscious",
    "tencent-tokenhub": "tencent",
    "voyage": "voyage",
    "deepgram": "deepgram",
    "elevenlabs": "elevenlabs",
    "stability": "stability",
    "ai21": "ai21",
    "black-forest-labs": "black-forest-labs",
    "recraft": "recraft",
    "runwayml": "runway",
    "soniox": "soniox",
    "assemblyai": "assemblyai",
    "reka": "reka",
    "cognition": "cognition",
    "volcengine": "bytedance",
    "typesafe": "typesafe",
    "gigachat": "gigachat",
    "jina-ai": "jina",
    "writer": "writer",
    "cursor": "cursor",
    "arcee": "arcee-ai",
    "thinkingmachines": "thinkingmachines",
    "longcat": "meituan",
    "agnes": "sapiens-ai",
    "sensenova": "sensenova",
    "bee": "bee",
    "echo": "echo",
    "vispark": "vispark",
    "klokintegration": "klokintegration",
    "eu-jev": "eu-jev",
    "nace": "nace",
    "openai-decisions": "openai",
    "reducto": "reducto",
    "scaledown": "scaledown",
}

# Every known creator.
CREATORS: frozenset[str] = frozenset(
    {*(family.creator for family in FAMILIES), *ORGS.values(), *FIRST_PARTY.values()} - {"stealth"}
)

# Those that serve or quantise models of others: no part of a name, as segment or prefix.
HOSTS: frozenset[str] = words(
    "accounts fireworks fireworks-ai models cf hf oi workers-ai routers public pro lora route tee "
    "novita novitaai siliconflow azure azure-ai bedrock vertex vertex-ai databricks snowflake "
    "together togetherai togethercomputer unsloth neuralmagic redhatai intel amd cortecs chutesai "
    "chutes baseten cerebras groq sambanova ps spot deepinfra nebius hyperbolic featherless-ai "
    "mlx-community lmstudio-community bartowski thebloke nvfp4 replicate fal-ai fal "
    "openrouter-free chat-completion completion main accounts-fireworks preset invoke "
    "claude-platform system system-ai ranking huggingface wandb gmi gmicloud parasail venice "
    "digitalocean umans coding cc deep alicloud duo-chat fw ollama databricks-marketplace "
    "streaming decision-models merged free aws-bedrock sap github copilot opencode kilo poe nano "
    "vertex-anthropic vertex-openai together-ai inference.net bailian scaleway ovhcloud runware "
    "runpod embercloud canopywave scx-ai scx-ai-gp gonka24 flexai ranoai empiriolabs tts"
)

# Owners of providers: the makers of what only the provider lists, under a name of its own.
OWNERS: dict[str, str] = {
    "abacus": "abacusai",
    "amazon-bedrock": "amazon",
    "amazon-polly": "amazon",
    "amazon-transcribe": "amazon",
    "azure": "microsoft",
    "azure-cognitive-services": "microsoft",
    "bespoke": "bespokelabs",
    "github-copilot": "microsoft",
    "laya": "convaiinnovations",
    "microsoft-365-copilot": "microsoft",
    "opencode-go": "opencode",
    "perplexity-agent": "perplexity",
    "tencent-coding-plan": "tencent",
    "umans-ai-coding-plan": "umans-ai",
}

# The creator of a fine-tune that names no tuner.
COMMUNITY = "community"
# Words of fine-tunes of open models. What is tuned is by the organisation that tuned it.
TUNED = re.compile(
    r"(?<=-)(abliterated|bluestar|chimerax|cybersecurity|darkidol|darksoul|decensored|decentered|"
    r"derestricted|distilled|fabled?|garnet(v2)?|gembrain|gemsicle|hemm?ingway|heretic|isometry|"
    r"luminous|meromero|moonlight|musica|novelist|obliterated|opusdistill|queen|semancer|"
    r"shadowsiren|splituntied|station-keeper|uncensored|unshackled)(?=-|$)"
)

# Prefixes of a gateway's ids that are sold for one use: also a word of how they are served.
PLANS: frozenset[str] = words("coding")

# Segments that place or size an endpoint (regions, pictures' sizes and qualities, commitments): not
# models.
PLACES = re.compile(
    r"(us|eu|ap|sa|ca|me|af|il|mx|cn|uk|jp|au|in)-(gov-)?[a-z]+-\d|"
    r"us|eu|apac|global|us-gov|jp|au|global-standard|"
    r"\d+-x-\d+|max-x-max|\d+-steps|max-steps|\d+-month-commitment|"
    r"standard|hd|low|medium|high|xhigh|max"
)
AZURE_PLACE = re.compile(
    r"(australia|brazil|canada|central|east|france|germany|india|japan|korea|north|norway|poland|"
    r"south|southeast|spain|sweden|switzerland|uae|uk|us|west|asia|europe|africa){2,3}[23]?"
)
REGION_PREFIX = re.compile(
    r"(us|eu|apac|global|jp|au|ca|in|uk|sa|me|af|us-gov|regional)\.(?=[a-z0-9-]+\.)"
)
TASKS = re.compile(
    r"(text|image|reference|video|audio|speech)-to-(text|image|video|audio|speech)|"
    r"edit|query|inpaint"
)

# Words for how an endpoint serves a model. Never part of a model's name.
QUANTISED = re.compile(
    r"(mx|nv)?fp(4|6|8|16|32)|mxfp|bf16|int[48]|w\dafp?\d+|autoround|awq|gptq|gguf|mlx|"
    r"[3-8]-?bit|i?q\d(\.\d)?|"
    r"i?q\d-k(-[smlx]+)?"
)
SERVING: frozenset[str] = words(
    "free tee maas original flex priority exacto nitro online optimized cloud tput cs el fw "
    "together sambanova cheaper community default batch spot us eu throughput beta-host inference "
    "n h 6bit lora gcp aws azure hf-inference contributor dynamic mixed ar mtp hires ultrafast "
    "datazone disc global nothinking nothink speed t"
)
PHRASES: dict[str, str] = {  # words of several tokens: joined before the name is split
    "high-throughput": "throughput",
    "high-res": "hires",
    "stablediffusionxl": "stable-diffusion-xl",
    "sdxl": "stable-diffusion-xl",
    "all-minilm": "all-mini-lm",
    "gpt-4-o": "gpt-4o",
    "nonreasoning": "non-reasoning",
    "no-thinking": "nothinking",
    "code-llama": "codellama",
    "code-qwen": "codeqwen",
    "llamaguard": "llama-guard",
    "flux-1-": "flux-",
    "flux.1-": "flux-",
}
# Families whose bare name is never the base model, though hosts list it with and without
# "instruct".
NO_BARE_BASE = re.compile(r"qwen-?3|(meta-)?llama-?(v?3\.3|v?4)|deepseek|gpt-oss|phi")
# Tiers of a closed line: beside them, a sized name is another model (glm-4-plus, glm-4-32b).
TIERS: frozenset[str] = words("plus air airx flash flashx long max lite x")
