// Server-sent events out of text that comes in pieces. Source: HTML standard, 9.2.6 Interpreting an event stream.
export interface ServerEvent {
  id: string; // of the last event that had one
  type: string;
  data: string;
}

export class EventParser {
  private rest = "";
  private data: string[] = [];
  private type = "";
  private id: string;
  retry: number | null = null; // milliseconds, as the server asked for

  constructor(lastId = "") {
    this.id = lastId;
  }

  // The events that are complete with `text`.
  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    this.rest += text;
    for (;;) {
      const end = this.rest.search(/\r\n|\n|\r/);
      // A carriage return at the end may be the first half of a line's end.
      if (end < 0 || (this.rest[end] === "\r" && end === this.rest.length - 1)) return events;
      const line = this.rest.slice(0, end);
      this.rest = this.rest.slice(end + (this.rest.startsWith("\r\n", end) ? 2 : 1));
      const event = this.take(line);
      if (event) events.push(event);
    }
  }

  private take(line: string): ServerEvent | null {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null; // a comment
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.data.push(value);
    else if (name === "event") this.type = value;
    else if (name === "id" && !value.includes("\0")) this.id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
    return null;
  }

  private dispatch(): ServerEvent | null {
    const { data, type } = this;
    this.data = [];
    this.type = "";
    return data.length ? { id: this.id, type: type || "message", data: data.join("\n") } : null;
  }
}
