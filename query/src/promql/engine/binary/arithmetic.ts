import type { BinaryOp } from '../../ast.js';
import { PromQLExecutionError } from '../../error.js';
import { power } from '../../functions/instant/math.js';

/** The result of an operator on two numbers; a comparison's is whether it holds. */
export function arithmetic(op: BinaryOp): (left: number, right: number) => number {
  switch (op) {
    case '+': return (left, right) => left + right;
    case '-': return (left, right) => left - right;
    case '*': return (left, right) => left * right;
    case '/': return (left, right) => left / right;
    case '%': return (left, right) => left % right;
    case '^': return power;
    case 'atan2': return Math.atan2;
    case '==': return (left, right) => Number(left === right);
    case '!=': return (left, right) => Number(left !== right);
    case '>': return (left, right) => Number(left > right);
    case '<': return (left, right) => Number(left < right);
    case '>=': return (left, right) => Number(left >= right);
    case '<=': return (left, right) => Number(left <= right);
    default: throw new PromQLExecutionError(`operator ${JSON.stringify(op)} not allowed for Scalar operations`);
  }
}
