export function benchSpin() {}
