import { Dialog } from "./dialog.tsx";
import { currentKeys, helpWanted, keysOn, setKeysOn } from "./keys.ts";

const names: Record<string, string> = { ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", Enter: "Enter" };

export function Help() {
  return (
    <Dialog
      title="Keys"
      onClose={() => {
        helpWanted.value = false;
      }}
    >
      {currentKeys().map(({ title, actions }) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl class="keys">
            {actions.map((action) => (
              <div key={action.key}>
                <dt>
                  <kbd>{names[action.key] ?? action.key.toUpperCase()}</kbd>
                </dt>
                <dd>{action.says}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label class="check">
        <input type="checkbox" checked={keysOn.value} onChange={(event) => setKeysOn(event.currentTarget.checked)} />
        Keys of one letter do something
      </label>
    </Dialog>
  );
}
