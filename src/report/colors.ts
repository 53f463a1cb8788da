import picocolors from 'picocolors';

export type Colors = ReturnType<typeof picocolors.createColors>;

export const createColors: (enabled: boolean) => Colors = picocolors.createColors;
export const PLAIN: Colors = createColors(false);
