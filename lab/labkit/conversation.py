"""What the host and the testers in a guest have to say to each other."""

import json
import time
from collections import Counter

from labkit import LabError


def say(**what):
    """One line of the result."""
    print(json.dumps(what), flush=True)


# More differences than a busy machine ever made.
MANY = 40
# Guests that a stub may hang, which costs minutes each, before the rest of its scenarios is given up.
HANGS = 5


class Run:
    """One module and the scenarios of its stubs that it has yet to run, in the tester's order."""

    def __init__(self, module, stubs, names, rooms, suspected_of=None, doubted=None):
        self.module = module
        self.stubs = stubs
        self.left = dict.fromkeys(names)
        self.order = {name: number for number, name in enumerate(names)}
        self.rooms = rooms
        self.suspected_of = suspected_of  # why the guest was lost in which all of them ran
        self.doubted = doubted  # by scenario, the difference that it showed beside others
        self.different = {}  # the same, of this run: whether they stand shows at its end
        self.running = []
        self.last = None
        self.boots = 0

    def start(self, scenario):
        """A tester began with it."""
        self.running.append(scenario)

    def ended(self, scenario):
        """A result is there."""
        self.left.pop(scenario, None)
        if scenario in self.running:
            self.running.remove(scenario)
        self.last = scenario

    def take(self, said, doubts):
        """A scenario's result. A difference beside other scenarios may be doubted: it is kept, then, until it
        showed alone, too."""
        name = said["scenario"]
        if self.doubted and said["result"] != "different":
            said = {**self.doubted[name], "result": "unstable"}
        if doubts and self.rooms > 1 and said["result"] == "different":
            self.different[name] = said
        else:
            say(module=self.module, **said)
        self.ended(name)

    def doubtful(self, again):
        """The scenarios that were different beside others, to run again one after the other; none if they
        are so many that nobody doubts them, or can't run again."""
        found, self.different = self.different, {}
        if again and 0 < len(found) <= MANY:
            return [Run(self.module, self.stubs, self._ordered(found), 1, doubted=found)]
        for said in found.values():
            say(module=self.module, **said)
        return []

    def suspects(self, reason):
        """What ran when the guest was lost, taken out to run again, one after the other."""
        names, self.running = self._ordered(self.running), []
        for name in names:
            self.left.pop(name, None)
        return Run(self.module, self.stubs, names, 1, reason)

    def _ordered(self, names):
        """Names in the tester's order, which goes through its scenarios once: that in which testers began or
        ended is another one."""
        return sorted(names, key=self.order.__getitem__)


class Conversation:
    """What the guest says, passed on, and what it has yet to do."""

    def __init__(self, runs, silence, first_difference=False):
        self.runs = list(runs)
        self.silence = silence
        self.first_difference = first_difference  # is all that is asked of each run
        self.through = 0  # runs that came to an end
        self.rest = b""
        self.heard = time.monotonic()
        self.kernel = None
        self.quiet = False
        self.hangs = Counter()  # guests, by module and stub

    def hear(self, data):
        """Takes what came; a reason to stop the guest, if nothing has come for too long."""
        if data:
            self.heard = time.monotonic()
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            try:
                self._take(json.loads(line))
            except ValueError:
                pass  # half a line of a guest that broke down
        self.quiet = time.monotonic() - self.heard > self.silence
        return f"nothing was heard of the guest for {self.silence} s" if self.quiet else None

    def _take(self, said):
        if "kernel" in said:
            if self.kernel is None:
                say(**said)
            self.kernel = said["kernel"]
            return
        run = self.runs[0]
        if "start" in said:
            run.start(said["start"])
        elif "scenario" in said:
            run.take(said, doubts=not self.first_difference)
        elif "done" in said:
            self.done()
        elif "failed" in said or "repeated" in said or "cost" in said:
            say(module=run.module, **said)
            if said.get("unpaired", "0") != "0":
                say(complaint=f"{run.module}: {said['unpaired']} calls left application mode for good")

    def done(self, **how):
        """The first run is through, and its module too if no other run is of it."""
        run = self.runs.pop(0)
        self.through += 1
        self.runs += run.doubtful(again=not how)
        if run.suspected_of:
            say(complaint=f"{run.suspected_of}; the scenarios that ran together then run well alone")
        if run.left and not self.first_difference:
            say(module=run.module, failed=f"scenarios without a result: {len(run.left)}")
        if all(other.module != run.module for other in self.runs):
            say(module=run.module, done=True, **how)

    def lost(self, gone):
        """The guest is gone: that is the result of what was running, or of what ran last. Several that
        were running run again, one after the other, but where a first difference is all that is asked.
        Before the first scenario it may be the guest's own fault, or what another module left behind:
        fresh ones decide."""
        run = self.runs[0]
        run.boots += 1
        if len(run.running) > 1 and not self.first_difference:
            self.runs.insert(0, run.suspects(gone.reason))
            return
        guilty = run.running[0] if run.running else run.last
        if guilty is None:
            if run.boots < 3:
                return
            if not self.first_difference:
                raise LabError(f"module {run.module}: {gone.reason}, before a scenario began: "
                               f"{' / '.join(gone.console)}")
            say(module=run.module, failed=f"{gone.reason}, before a scenario began")
            self.runs.pop(0)
            return
        beside = len(run.running) - 1
        seen = gone.reason + (f", while it and {beside} others ran" if beside > 0 else "")
        say(module=run.module, scenario=guilty, result="lost", seen=seen, console=gone.console)
        run.ended(guilty)
        run.suspected_of = None
        self._give_up(run.module, guilty.split("/")[0])
        if self.first_difference or not run.left:
            self.done()

    def _give_up(self, module, stub):
        """Takes out what is left of a stub that hangs one guest after the other."""
        self.hangs[module, stub] += self.quiet
        if self.hangs[module, stub] < HANGS:
            return
        runs = [run for run in self.runs if run.module == module]
        names = [(run, name) for run in runs for name in run.left if name.startswith(f"{stub}/")]
        for run, name in names:
            del run.left[name]
        if names:
            say(module=module,
                failed=f"{stub} hung {HANGS} guests; {len(names)} of its scenarios were not run")

    def fresh_guest(self):
        """Before the next boot."""
        self.rest = b""
        self.heard = time.monotonic()
