/** A problem document of the server (RFC 9457), or what the network did instead of one. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly hint: string;
  readonly verb: string;
  readonly faults: readonly string[];

  constructor(from: Partial<Omit<Problem, 'message' | 'name'>> & { code: string }) {
    super(from.detail || from.title || from.code);
    this.name = 'Problem';
    this.status = from.status ?? 0;
    this.code = from.code;
    this.title = from.title ?? '';
    this.detail = from.detail ?? '';
    this.hint = from.hint ?? '';
    this.verb = from.verb ?? '';
    this.faults = from.faults ?? [];
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Reads the problem out of an answer. Proxies answer in other forms: then the status is all there is. */
export async function problemOf(answer: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    const read: unknown = await answer.clone().json();
    if (typeof read === 'object' && read !== null) body = read as Record<string, unknown>;
  } catch {
    // not JSON
  }
  const type = text(body['type']);
  return new Problem({
    status: answer.status,
    code: text(body['code']) || type.slice(type.lastIndexOf(':') + 1) || `http_${answer.status}`,
    title: text(body['title']) || answer.statusText,
    detail: text(body['detail']),
    hint: text(body['hint']),
    verb: text(body['verb']),
    faults: Array.isArray(body['faults']) ? body['faults'].map(text).filter(Boolean) : [],
  });
}

/** The problem of anything that was thrown. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError) return new Problem({ code: 'offline', detail: error.message });
  return new Problem({ code: 'page', detail: error instanceof Error ? error.message : String(error) });
}
