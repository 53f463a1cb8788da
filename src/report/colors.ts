import picocolors from 'picocolors';

type Paint = (text: string) => string;

/** Written out, because the declarations of the package cannot import what is bundled. */
export type Colors = Readonly<
  Record<'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'magenta' | 'cyan', Paint>
>;

export const createColors: (enabled: boolean) => Colors = picocolors.createColors;
export const PLAIN: Colors = createColors(false);
