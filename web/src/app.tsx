// The one layout of all screens: left what is looked at, right the inspector, below the scrubber.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useContext, useLayoutEffect } from "preact/hooks";
import { PageContext, type Page } from "./page";
import { SaveButton } from "./parts/save";
import { Scrubber } from "./parts/scrubber";
import { ThemeButton, useDark } from "./parts/theme";
import { follow, hashOfScreen } from "./place";
import { SCREENS } from "./screens";
import type { Screen } from "./screens/screen";

export function App({ page }: { readonly page: Page }): JSX.Element {
  return (
    <PageContext.Provider value={page}>
      <Layout />
    </PageContext.Provider>
  );
}

function Layout(): JSX.Element {
  const page = useContext(PageContext);
  const { root } = page;
  const main = `${page.name}-main`;
  const dark = useDark();
  const id = useComputed(() => page.place.value.screen).value;
  const at = Math.max(0, SCREENS.findIndex((s) => s.id === id));
  const screen = SCREENS[at] as Screen;
  useKeys(page, root);
  const { Main, Inspector } = screen;
  return (
    <div ref={root} class="cr-page" data-theme={dark ? "dark" : "light"}>
      <a class="skip" href={`#${main}`} onClick={(event) => focusMain(event, root.current)}>
        Skip to the screen
      </a>
      <Tabs at={at} />
      <Intro screen={screen} next={SCREENS[at + 1]} />
      <Lost />
      <main key={`${screen.id} main`} id={main} tabIndex={-1} aria-label={screen.title}>
        <Main />
      </main>
      <aside key={`${screen.id} aside`} aria-label="Inspector">
        <Inspector />
      </aside>
      <Scrubber />
    </div>
  );
}

function Tabs({ at }: { readonly at: number }): JSX.Element {
  const { place, engine } = useContext(PageContext);
  return (
    <header>
      <span class="brand">chainrule</span>
      <nav aria-label="Screens">
        <ol>
          {SCREENS.map((screen, i) => (
            <li key={screen.id}>
              <a
                href={hashOfScreen(place.value, screen.id)}
                aria-current={i === at ? "page" : undefined}
                aria-keyshortcuts={String(i + 1)}
                onClick={(event) => follow(event, place, { ...place.value, screen: screen.id })}
              >
                <span class="ordinal">{i + 1}</span> {screen.title}
              </a>
            </li>
          ))}
        </ol>
      </nav>
      <span class="tools">
        {engine.live ? <SaveButton /> : <span class="badge">saved moment</span>}
        <ThemeButton />
      </span>
    </header>
  );
}

/** Said on every screen when the server has ended: what stands there answers no more. */
function Lost(): JSX.Element | null {
  const { lost } = useContext(PageContext);
  if (!lost.value) return null;
  const [what, then] =
    lost.value === "refused"
      ? [
          "Another chainrule explore answers now, which does not know this page.",
          "To go on, open the address that it printed in its terminal; this page then follows it.",
        ]
      : [
          "chainrule explore does not answer.",
          "To go on, start it again in a terminal and open the address that it prints.",
        ];
  return (
    <p class="lost" role="alert">
      <strong>{what}</strong> What you see was computed before, and what needs an answer cannot be
      used. {then}
    </p>
  );
}

interface IntroProps {
  readonly screen: Screen;
  readonly next: Screen | undefined;
}

function Intro({ screen, next }: IntroProps): JSX.Element {
  const { place } = useContext(PageContext);
  return (
    <section class="intro" aria-label="What to do here">
      <h1>{screen.title}</h1>
      <p>
        {screen.todo} <span class="see">{screen.see}</span>
      </p>
      {next && (
        <a
          class="next"
          href={hashOfScreen(place.value, next.id)}
          onClick={(event) => follow(event, place, { ...place.value, screen: next.id })}
        >
          Next: {next.title} →
        </a>
      )}
    </section>
  );
}

function focusMain(event: Event, root: HTMLElement | null): void {
  event.preventDefault();
  root?.querySelector<HTMLElement>("main")?.focus();
}

/** Keys 1 to 8 go to the screens, comma and full stop step the sweep, unless somebody is typing. */
function useKeys(page: Page, root: { readonly current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const screen = SCREENS[Number(event.key) - 1];
      if (screen) page.place.value = { ...page.place.value, screen: screen.id };
      const stepper = { ",": ":first-child", ".": ":last-child" }[event.key];
      if (stepper) root.current?.querySelector<HTMLElement>(`.steppers > ${stepper}`)?.click();
    };
    const where = root.current?.ownerDocument.body === root.current?.parentElement?.parentElement
      ? document
      : root.current;
    where?.addEventListener("keydown", pressed as EventListener);
    return () => where?.removeEventListener("keydown", pressed as EventListener);
  }, [page]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.matches("input:not([type=range]), textarea, select") || target.isContentEditable;
}
