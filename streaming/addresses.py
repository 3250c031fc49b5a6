"""Where the APIs of providers are, and which variable holds a key. Tables only. Pure.

They are here, and not in the catalog: a key goes to no address that anybody may edit. Bases and
names of keys are those that models.dev lists, without plans, resellers and local servers.
"""

from streaming.anthropic_shape import ANTHROPIC
from streaming.google_shape import GOOGLE
from streaming.openai_shape import COMPATIBLE, OPENAI
from streaming.shape import ApiShape

# By provider: the API's base, and the variables of the key in order. ${…} in an address is a
# variable of the environment too.
ADDRESSES: dict[str, tuple[str, tuple[str, ...]]] = {
    "302ai": ("https://api.302.ai/v1", ("302AI_API_KEY",)),
    "abacus": ("https://routellm.abacus.ai/v1", ("ABACUS_API_KEY",)),
    "ai21": ("https://api.ai21.com/studio/v1", ("AI21_API_KEY",)),
    "alibaba": (
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        ("DASHSCOPE_API_KEY",),
    ),
    "anthropic": ("https://api.anthropic.com/v1", ("ANTHROPIC_API_KEY",)),
    "arcee": ("https://api.arcee.ai/api/v1", ("ARCEE_API_KEY",)),
    "azure": ("https://${AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1", ("AZURE_API_KEY",)),
    "baseten": ("https://inference.baseten.co/v1", ("BASETEN_API_KEY",)),
    "berget": ("https://api.berget.ai/v1", ("BERGET_API_KEY",)),
    "cerebras": ("https://api.cerebras.ai/v1", ("CEREBRAS_API_KEY",)),
    "chutes": ("https://llm.chutes.ai/v1", ("CHUTES_API_KEY",)),
    "clarifai": ("https://api.clarifai.com/v2/ext/openai/v1", ("CLARIFAI_PAT",)),
    "cloudflare-workers-ai": (
        "https://api.cloudflare.com/client/v4/accounts/${CLOUDFLARE_ACCOUNT_ID}/ai/v1",
        ("CLOUDFLARE_API_KEY",),
    ),
    "cohere": ("https://api.cohere.ai/compatibility/v1", ("COHERE_API_KEY",)),
    "cortecs": ("https://api.cortecs.ai/v1", ("CORTECS_API_KEY",)),
    "crusoe": ("https://api.inference.crusoecloud.com/v1", ("CRUSOE_API_KEY",)),
    "databricks": ("https://${DATABRICKS_HOST}/ai-gateway/mlflow/v1", ("DATABRICKS_TOKEN",)),
    "deepinfra": ("https://api.deepinfra.com/v1/openai", ("DEEPINFRA_API_KEY",)),
    "deepseek": ("https://api.deepseek.com", ("DEEPSEEK_API_KEY",)),
    "digitalocean": ("https://inference.do-ai.run/v1", ("DIGITALOCEAN_ACCESS_TOKEN",)),
    "fastrouter": ("https://go.fastrouter.ai/api/v1", ("FASTROUTER_API_KEY",)),
    "fireworks-ai": ("https://api.fireworks.ai/inference/v1", ("FIREWORKS_API_KEY",)),
    "friendli": ("https://api.friendli.ai/serverless/v1", ("FRIENDLI_TOKEN",)),
    "gmicloud": ("https://api.gmi-serving.com/v1", ("GMICLOUD_API_KEY",)),
    "google": (
        "https://generativelanguage.googleapis.com/v1beta",
        ("GEMINI_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY", "GOOGLE_API_KEY"),
    ),
    "groq": ("https://api.groq.com/openai/v1", ("GROQ_API_KEY",)),
    "helicone": ("https://ai-gateway.helicone.ai/v1", ("HELICONE_API_KEY",)),
    "huggingface": ("https://router.huggingface.co/v1", ("HF_TOKEN",)),
    "inception": ("https://api.inceptionlabs.ai/v1", ("INCEPTION_API_KEY",)),
    "inference": ("https://inference.net/v1", ("INFERENCE_API_KEY",)),
    "io-net": ("https://api.intelligence.io.solutions/api/v1", ("IOINTELLIGENCE_API_KEY",)),
    "kilo": ("https://api.kilo.ai/api/gateway", ("KILO_API_KEY",)),
    "llama": ("https://api.llama.com/compat/v1", ("LLAMA_API_KEY",)),
    "llmgateway": ("https://api.llmgateway.io/v1", ("LLMGATEWAY_API_KEY",)),
    "minimax": ("https://api.minimax.io/anthropic/v1", ("MINIMAX_API_KEY",)),
    "mistral": ("https://api.mistral.ai/v1", ("MISTRAL_API_KEY",)),
    "moonshotai": ("https://api.moonshot.ai/v1", ("MOONSHOT_API_KEY",)),
    "morph": ("https://api.morphllm.com/v1", ("MORPH_API_KEY",)),
    "nano-gpt": ("https://nano-gpt.com/api/v1", ("NANO_GPT_API_KEY",)),
    "nearai": ("https://cloud-api.near.ai/v1", ("NEARAI_API_KEY",)),
    "nebius": ("https://api.tokenfactory.nebius.com/v1", ("NEBIUS_API_KEY",)),
    "nova": ("https://api.nova.amazon.com/v1", ("NOVA_API_KEY",)),
    "novita-ai": ("https://api.novita.ai/openai", ("NOVITA_API_KEY",)),
    "nvidia": ("https://integrate.api.nvidia.com/v1", ("NVIDIA_API_KEY",)),
    "ollama-cloud": ("https://ollama.com/v1", ("OLLAMA_API_KEY",)),
    "openai": ("https://api.openai.com/v1", ("OPENAI_API_KEY",)),
    "openrouter": ("https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",)),
    "ovhcloud": (
        "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
        ("OVHCLOUD_API_KEY",),
    ),
    "perplexity": ("https://api.perplexity.ai", ("PERPLEXITY_API_KEY",)),
    "poe": ("https://api.poe.com/v1", ("POE_API_KEY",)),
    "requesty": ("https://router.requesty.ai/v1", ("REQUESTY_API_KEY",)),
    "sambanova": ("https://api.sambanova.ai/v1", ("SAMBANOVA_API_KEY",)),
    "sarvam": ("https://api.sarvam.ai/v1", ("SARVAM_API_KEY",)),
    "scaleway": ("https://api.scaleway.ai/v1", ("SCALEWAY_API_KEY",)),
    "siliconflow": ("https://api.siliconflow.com/v1", ("SILICONFLOW_API_KEY",)),
    "snowflake-cortex": (
        "https://${SNOWFLAKE_ACCOUNT}.snowflakecomputing.com/api/v2/cortex/v1",
        ("SNOWFLAKE_CORTEX_PAT",),
    ),
    "stackit": (
        "https://api.openai-compat.model-serving.eu01.onstackit.cloud/v1",
        ("STACKIT_API_KEY",),
    ),
    "stepfun-ai": ("https://api.stepfun.ai/v1", ("STEPFUN_API_KEY",)),
    "togetherai": ("https://api.together.xyz/v1", ("TOGETHER_API_KEY",)),
    "upstage": ("https://api.upstage.ai/v1/solar", ("UPSTAGE_API_KEY",)),
    "v0": ("https://api.v0.dev/v1", ("V0_API_KEY",)),
    "vercel": ("https://ai-gateway.vercel.sh/v1", ("AI_GATEWAY_API_KEY",)),
    "vultr": ("https://api.vultrinference.com/v1", ("VULTR_API_KEY",)),
    "wandb": ("https://api.inference.wandb.ai/v1", ("WANDB_API_KEY",)),
    "xai": ("https://api.x.ai/v1", ("XAI_API_KEY",)),
    "xiaomi": ("https://api.xiaomimimo.com/v1", ("XIAOMI_API_KEY",)),
    "zai": ("https://api.z.ai/api/paas/v4", ("ZHIPU_API_KEY",)),
    "zenmux": ("https://zenmux.ai/api/v1", ("ZENMUX_API_KEY",)),
}

# The providers whose API has another shape than the usual one.
SHAPES: dict[str, ApiShape] = {
    "anthropic": ANTHROPIC,
    "azure": OPENAI,
    "google": GOOGLE,
    "minimax": ANTHROPIC,
    "openai": OPENAI,
}
USUAL = COMPATIBLE
