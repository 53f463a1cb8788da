/*
 * The lock of src/model as far as a cold start goes, for SPIN: two contenders, and CRASHES crashes, each at any point.
 * A claim is a number that grows; link(2) takes the next one if it is free. Who has claimed looks again, publishes the
 * claim once more under a token of now, and owns. `step` is one operation on the files, as in the simulation.
 */
#ifndef CRASHES
#define CRASHES 0
#endif
#define N 2
#define MOST 6

mtype = { contends, owns, client, dead };

mtype is[N] = contends;
byte head = 0;           /* the newest generation */
byte by[MOST];           /* who has published it */
byte crashes = CRASHES;
byte owners = 0;

proctype contender(byte me) {
  byte seen = 0;
  byte mine = 0;
  byte owner = 0;

look:
  atomic { is[me] != dead -> seen = head };
judge:
  if
  :: atomic { is[me] != dead && seen == 0 -> goto draft }
  :: atomic { is[me] != dead && seen > 0 -> owner = by[seen] }
  fi;
  if
  :: atomic { is[me] != dead && is[owner] == dead -> goto draft }
  :: atomic { is[me] != dead && is[owner] == owns -> is[me] = client; goto end }
  :: atomic { is[me] != dead && head != seen -> goto look }
  fi;
draft:
  atomic { is[me] != dead -> skip };   /* the temporary file: open, write, sync, close */
  atomic { is[me] != dead -> skip };
  atomic { is[me] != dead -> skip };
  atomic { is[me] != dead -> skip };
publish:
  if
  :: atomic { is[me] != dead && head == seen && head < MOST - 1 -> head++; by[head] = me; mine = head }
  :: atomic { is[me] != dead && head != seen -> goto look }
  fi;
again:
  if
  :: atomic { is[me] != dead && head == mine -> skip }
  :: atomic { is[me] != dead && head != mine -> goto look }
  fi;
  atomic { is[me] != dead -> skip };   /* a second draft, for the token of now */
  atomic { is[me] != dead -> skip };
  if
  :: atomic { is[me] != dead && head == mine && head < MOST - 1 -> head++; by[head] = me; is[me] = owns; owners++ }
  :: atomic { is[me] != dead && head != mine -> goto look }
  fi;
  assert(owners <= 1);
end:
  skip
}

proctype nemesis() {
  byte victim;
  do
  :: atomic { crashes > 0 && is[0] != dead -> crashes--; owners = owners - (is[0] == owns -> 1 : 0); is[0] = dead }
  :: atomic { crashes > 0 && is[1] != dead -> crashes--; owners = owners - (is[1] == owns -> 1 : 0); is[1] = dead }
  :: crashes == 0 -> break
  :: break
  od
}

init { atomic { run contender(0); run contender(1); run nemesis() } }
