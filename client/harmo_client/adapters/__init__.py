"""Rewards for RL trainers, a module each over one client. Its docstring has the lines to paste.

| trainer | module | called with |
|---|---|---|
| TRL | `trl` | each process's slice; gathered, posted once |
| verl | `verl` | one sample, in many processes |
| ms-swift | `swift` | each process's batch, on a new event loop |
| slime, miles, vime | `slime` | a group, or one sample |
| OpenRLHF's Python hook | `openrlhf` | one sample, in a thread |
| EasyR1 | `easyr1` | a batch |
| verifiers, prime-rl | `verifiers` | one trace; a group in the legacy `Rubric` |
| AReaL | `areal` | one sample, in a worker process or awaited |
| ROLL | `roll` | the rows of a prompt |
| RLinf | `rlinf` | a batch of groups |
| NeMo-Gym, NeMo-RL | `nemo_gym` | one response |

A new one does four things, each of which stands ready in `core`:

1. `settings.settings` reads what the trainer passes, else the environment; `no_skip` says why the
   trainer cannot leave a sample out, where it cannot.
2. Each completion becomes a `samples.Sample`, with all the trainer knows: prompt, pictures, counts,
   truncation, and as `group` what siblings share; `asked_alike` puts those together that were asked
   the same, where the trainer hands them over at once and names no group.
3. `ask.judge`, or `ask.judge_now` where there is no event loop, gives a `judged.Judged` for each,
   in order: it lays out groups, has a client for each process and loop, retries, checks, and
   applies `on_unscored`. No adapter turns a missing reward into 0.
4. `Judged.reward` goes to the trainer, `numbers` beside it (the same names for every sample), or
   `parts`, which sum to the reward, or `judged.means` into a log.

`trl` alone goes another way: `core.hub` gathers the slices of all processes, since TRL has them
wait for each other anyway.

No trainer, and not torch either, is imported at module level: a class that needs a trainer's base
is made when the trainer asks the module for it.
"""
