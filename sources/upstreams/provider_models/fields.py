"""OpenAI-compatible lists of models that need a key: addresses, keys, fields. Tables only.

The addresses are here, and not those that a source states: a key goes to no address that anybody
may edit.
"""

# By provider: the environment variable of its key, and the base of its API.
ACCOUNTS = {
    "cerebras": ("CEREBRAS_API_KEY", "https://api.cerebras.ai/v1/"),
    "deepinfra": ("DEEPINFRA_API_KEY", "https://api.deepinfra.com/v1/openai/"),
    "deepseek": ("DEEPSEEK_API_KEY", "https://api.deepseek.com/"),
    "fireworks-ai": ("FIREWORKS_API_KEY", "https://api.fireworks.ai/inference/v1/"),
    "groq": ("GROQ_API_KEY", "https://api.groq.com/openai/v1/"),
    "mistral": ("MISTRAL_API_KEY", "https://api.mistral.ai/v1/"),
    "moonshotai": ("MOONSHOT_API_KEY", "https://api.moonshot.ai/v1/"),
    "nebius": ("NEBIUS_API_KEY", "https://api.tokenfactory.nebius.com/v1/"),
    "nvidia": ("NVIDIA_API_KEY", "https://integrate.api.nvidia.com/v1/"),
    "openai": ("OPENAI_API_KEY", "https://api.openai.com/v1/"),
    "sambanova": ("SAMBANOVA_API_KEY", "https://api.sambanova.ai/v1/"),
    "scaleway": ("SCALEWAY_API_KEY", "https://api.scaleway.ai/v1/"),
    "siliconflow": ("SILICONFLOW_API_KEY", "https://api.siliconflow.com/v1/"),
    "togetherai": ("TOGETHER_API_KEY", "https://api.together.xyz/v1/"),
    "xai": ("XAI_API_KEY", "https://api.x.ai/v1/"),
}

# The same limit under several names.
CONTEXT = ("context_window", "context_length", "max_context_length", "max_model_len")
