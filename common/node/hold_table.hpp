// The table of a hold: where it stands and what is observed give what happens next. Pure; no I/O.
//
//   way out, memory kept      planned → draining → halting (suspend, ≥ 4 s) → redirecting → leaving
//   → held way out, memory lost      planned → draining → halting (requeue and hold) → redirecting
//   → leaving → held mode requeue              planned → draining → requeueing → discarding → done
//   way back                  held → returning → rejoining → resuming → undraining → done
//   refused before `leaving`  → the way back from where it stands
//   refused in `leaving`      → leaving in the next mode (halting first, when that one loses
//   memory);
//                               no mode left: returning …, outcome "refused: …"
//   released on the way out   → the way back from where it stands
//   memory lost (other boot, server in ERROR or gone, patience over) → requeueing → discarding →
//   done job gone (cancelled)      → discarding → done
//
// The order is facts: a suspended job's CPUs count as free, so nodes are drained first and
// undrained last; slurmd needs four seconds to stop a job's processes; resuming a job before its
// node's address is back leaves its processes stopped.
#pragma once
