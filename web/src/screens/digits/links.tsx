import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { NETWORK } from "../../moment";
import { PageContext } from "../../page";
import { follow, hashOf, type Place } from "../../place";

interface ScreenLinkProps {
  readonly screen: string;
  /** What else the address shall hold there. */
  readonly params?: Place["params"];
  readonly children: string;
}

/** To another screen with the same example. */
export function ScreenLink({ screen, params = {}, children }: ScreenLinkProps): JSX.Element {
  const { place } = useContext(PageContext);
  const there = { screen, params: { ...place.value.params, ...params } };
  return (
    <a href={hashOf(there)} onClick={(event) => follow(event, place, there)}>
      {children}
    </a>
  );
}

/** Where else the example can be seen; the first two show functions, the network's cost too. */
export function SeeElsewhere(): JSX.Element {
  const network = { function: NETWORK };
  return (
    <p class="digits-elsewhere">
      See it in{" "}
      <ScreenLink screen="graph" params={network}>1 Graph</ScreenLink>
      {", "}
      <ScreenLink screen="sweeps" params={network}>2 Forward and reverse</ScreenLink>
      {", "}
      <ScreenLink screen="demon">3 Demon</ScreenLink>
      {", "}
      <ScreenLink screen="equations">4 Four equations</ScreenLink>
    </p>
  );
}
