/** Answers of sequence models: as a whole, or as server-sent events. */
import { failureOf } from './models/failure';
import type { Generate, GenerateRequest } from './models/generation';
import type { ServedModel } from './models/served-model';
import { type Answer, type Call, json } from './protocol/answer';

type Request = GenerateRequest & { readonly id: string | undefined };

const headOf = ({ name, version }: ServedModel, { id }: Request): object => ({
  ...(id !== undefined && { id }),
  model_name: name,
  model_version: version,
});

/** The pieces of a sequence; they end when the client has gone. Other requests have their turn between two of them. */
async function* piecesOf(model: ServedModel, request: Request, call: Call): AsyncGenerator<string> {
  const generate = model.parts.generate as Generate;
  model.enter();
  try {
    for await (const piece of generate({ text: request.text, parameters: request.parameters })) {
      if (call.isGone() || model.isOver) return;
      yield piece;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  } finally {
    model.leave();
  }
}

/** The whole sequence. */
export async function textAnswer(model: ServedModel, request: Request, call: Call): Promise<Answer> {
  let text = '';
  for await (const piece of piecesOf(model, request, call)) text += piece;
  return json(200, { ...headOf(model, request), text_output: text });
}

const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;

async function* eventsOf(
  model: ServedModel,
  request: Request,
  pieces: AsyncGenerator<string>,
  first: IteratorResult<string>,
) {
  const head = headOf(model, request);
  try {
    for (let piece = first; !piece.done; piece = await pieces.next())
      yield event({ ...head, text_output: piece.value });
  } catch (error) {
    // The status has been sent: what follows it is all that can be said.
    yield event({ error: failureOf(error).message });
  } finally {
    await pieces.return(undefined);
  }
}

/** An event for each piece. @throws what the model throws before its first piece */
export async function streamAnswer(model: ServedModel, request: Request, call: Call): Promise<Answer> {
  const pieces = piecesOf(model, request, call);
  const first = await pieces.next();
  return {
    status: 200,
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' },
    body: eventsOf(model, request, pieces, first),
  };
}
