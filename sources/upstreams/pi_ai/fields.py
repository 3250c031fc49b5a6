"""pi-ai's catalog files: what their names, fields and words mean. Tables only."""

# Providers under another name here. Its "zai" is the host of Z.AI's coding plan.
PROVIDERS = {
    "ant-ling": "bailing",
    "fireworks": "fireworks-ai",
    "kimi-coding": "kimi-for-coding",
    "openai-codex": "chatgpt",
    "qwen-token-plan": "alibaba-token-plan",
    "qwen-token-plan-cn": "alibaba-token-plan-cn",
    "qwen-token-plan-individual": "alibaba-token-plan",
    "qwen-token-plan-individual-cn": "alibaba-token-plan-cn",
    "together": "togetherai",
    "vercel-ai-gateway": "vercel",
    "zai": "zai-coding-plan",
    "zai-coding-cn": "zhipuai-coding-plan",
}
# Left out: Radius speaks pi's own protocol, so only pi reaches its endpoints.
OWN_PROVIDERS = {"radius"}
# A name of pi's for openrouter/auto.
OWN_IDS = {("openrouter", "auto")}

# Plans that bill tokens against an allowance in dollars, at the prices that are stated. At every
# other plan pi-ai writes what the tokens would cost at the creator's API: they are included.
METERED_PLANS = {"github-copilot", "opencode-go"}

METERS = {
    "input": "input",
    "output": "output",
    "cacheRead": "cache_read",
    "cacheWrite": "cache_write",
}
COST_FIELDS = {*METERS, "tiers"}
MODES = {"classifier": "evaluation", "image": "image"}
# OpenAI's Decisions API sells a model of its own API under another tier.
TIERS = {"openai-decisions": "decisions"}

# Also how pi builds a request: addresses, headers, protocols, limits of uploads, levels of thought.
MODEL_FIELDS = {
    *("id", "name", "type", "api", "provider", "reasoning", "input", "output", "cost"),
    *("contextWindow", "maxTokens", "baseUrl", "headers", "compat", "inputLimits"),
    *("thinkingLevelMap", "promptCache"),
}
