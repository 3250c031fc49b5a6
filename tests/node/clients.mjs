// What OpenAI's client and the AI SDK read from the address for programs, as JSON.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { generateText, jsonSchema, streamText, tool } from "ai"
import OpenAI from "openai"

const baseURL = process.env.RATECARD_ADDRESS
const apiKey = process.env.RATECARD_API_KEY
const model = "openai/o4-mini"
const messages = [{ role: "user", content: "Count." }]
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 })
const found = {}

const { data: answer, response } = await client.chat.completions
  .create({ model, messages, provider: { order: ["host"] } })
  .withResponse()
found.answer = answer.choices[0].message.content
found.cost = answer.usage.cost
found.provider = response.headers.get("x-ratecard-provider")

for (const include_usage of [false, true]) {
  const chunks = []
  const stream = await client.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage },
  })
  for await (const chunk of stream) chunks.push(chunk)
  found[include_usage ? "streamed_with_usage" : "streamed"] = {
    text: chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? "").join(""),
    tokens: chunks.at(-1).usage?.completion_tokens ?? null,
  }
}

found.models = []
for await (const listed of client.models.list()) found.models.push(listed.id)

const refusals = {
  AuthenticationError: () => new OpenAI({ baseURL, apiKey: "rc_api_wrong", maxRetries: 0 }).models.list(),
  NotFoundError: () => client.chat.completions.create({ model: "openai/unheard-of", messages }),
  BadRequestError: () => client.chat.completions.create({ model, messages, temperature: 9 }),
}
found.refusals = {}
for (const [name, call] of Object.entries(refusals)) {
  try {
    await call()
  } catch (error) {
    found.refusals[name] = [error instanceof OpenAI[name], error.status, error.code, error.param]
  }
}

const provider = createOpenAICompatible({ name: "ratecard", baseURL, apiKey, includeUsage: true })
const generated = await generateText({ model: provider(model), prompt: "Count.", maxRetries: 0 })
found.generated = { text: generated.text, tokens: generated.usage.outputTokens }
const streamed = streamText({ model: provider(model), prompt: "Count.", maxRetries: 0 })
found.ai_streamed = { text: await streamed.text, tokens: (await streamed.usage).outputTokens }
const add = tool({
  description: "Adds",
  inputSchema: jsonSchema({ type: "object", properties: { a: { type: "number" } } }),
})
const called = await generateText({
  model: provider("openai/o4-mini@anthropic"),
  prompt: "Add.",
  tools: { add },
  maxRetries: 0,
})
found.tool = called.toolCalls.map(({ toolName, input }) => [toolName, input])

console.log(JSON.stringify(found))
