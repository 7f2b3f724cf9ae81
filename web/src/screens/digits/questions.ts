// What this screen asks (src/chainrule/explorer/screens/digits.py), and what of it is in the address.
import { useContext } from "preact/hooks";
import { useAnswer, type Answer } from "../../engine/answers";
import type { Tensor } from "../../engine/wire";
import { useAbout, useAt, useMoment } from "../../moment";
import { PageContext } from "../../page";
import { useNumber, useText } from "../../place";

export interface Confusion {
  readonly counts: Tensor;
  readonly wrong: number;
  readonly accuracy: number;
  readonly recall: Tensor;
  readonly precision: Tensor;
}

export interface Overview {
  /** Rows and columns of an example that is an image. */
  readonly image: readonly [number, number] | null;
  /** The largest input: ink at its fullest. */
  readonly brightest: number;
  /** Whether a drawing can be an example. */
  readonly drawable: boolean;
  readonly examples: number;
  readonly cost: number;
  readonly confusion: Confusion | null;
}

export interface Gallery {
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  readonly numbers: readonly number[];
  readonly costs: Tensor;
  readonly x: Tensor | null;
  readonly labels?: readonly number[];
  readonly said?: readonly number[];
  readonly targets?: Tensor;
  readonly outputs?: Tensor;
}

export interface Digit {
  readonly x: Tensor;
  /** dC/dx. */
  readonly slope: Tensor;
  /** The inputs before they were scaled. */
  readonly unscaled: Tensor;
  readonly outputs: Tensor;
  readonly targets: Tensor;
  readonly label: number | null;
  readonly said: number | null;
  readonly cost: number;
}

export interface Weights {
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  readonly neurons: readonly number[];
  readonly weights: Tensor;
  /** w x, pixel by pixel. */
  readonly products: Tensor;
  readonly sums: Tensor;
  readonly biases: Tensor;
  readonly z: Tensor;
  readonly a: Tensor;
  readonly delta: Tensor;
  /** What stands for full colour: 99 of 100 weights of the layer are smaller. */
  readonly scale: number;
}

export interface Prepared {
  readonly example: string;
  readonly x: Tensor;
  readonly label: number;
}

export const ANY = -1;

export type View = "mistakes" | "weights" | "draw";

/** The views that can be had here: weights of images, drawings for a network that can answer. */
export function possibleViews(overview: Overview, live: boolean): readonly View[] {
  if (overview.image === null) return ["mistakes"];
  return overview.drawable && live ? ["mistakes", "weights", "draw"] : ["mistakes", "weights"];
}

/** What is looked at; null until it is known what there is. */
export function useView(): [View | null, (view: View) => void] {
  const { engine } = useContext(PageContext);
  const [wanted, set] = useText("digits", "mistakes");
  const overview = useOverview().value;
  if (!overview) return [null, set];
  const possible = possibleViews(overview, engine.live);
  return [possible.find((view) => view === wanted) ?? "mistakes", set];
}

/** Which examples the gallery shows. */
export interface Filter {
  readonly show: string;
  readonly label: number;
  readonly said: number;
}

export function useFilter(): [Filter, (filter: Filter) => void] {
  const [show, setShow] = useText("show", "mistakes");
  const [label, setLabel] = useNumber("was", ANY);
  const [said, setSaid] = useNumber("said", ANY);
  const [, setPage] = useGalleryPage();
  const set = (filter: Filter): void => {
    setShow(filter.show);
    setLabel(filter.label);
    setSaid(filter.said);
    setPage(0);
  };
  return [{ show, label, said }, set];
}

export function useGalleryPage(): [number, (page: number) => void] {
  return useNumber("gallery-page", 0);
}

export function useOverview(): Answer<Overview> {
  const { step } = useMoment();
  return useAnswer<Overview>("digits.overview", step === null ? null : { step });
}

export function useGallery(): Answer<Gallery> {
  const about = useAbout().value;
  const { step } = useMoment();
  const [{ show, label, said }] = useFilter();
  const [page] = useGalleryPage();
  const classes = (about?.classes.length ?? 0) > 0;
  const asked = {
    step,
    show: classes ? show : "all",
    label: classes && label !== ANY ? label : null,
    said: classes && said !== ANY ? said : null,
    page,
  };
  return useAnswer<Gallery>("digits.gallery", about && step !== null ? asked : null);
}

export function useDigit(): Answer<Digit> {
  return useAnswer<Digit>("digits.digit", useAt());
}

export function useOrder(): [string, (order: string) => void] {
  return useText("neurons", "number");
}

export function useNeuronsPage(): [number, (page: number) => void] {
  return useNumber("neurons-page", 0);
}

export function useWeights(): Answer<Weights> {
  const at = useAt();
  const [order] = useOrder();
  const [page] = useNeuronsPage();
  return useAnswer<Weights>("digits.weights", at && { ...at, order, page });
}
