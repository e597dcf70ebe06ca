"""What the Python member programs share: the commands and the events of member_event.ts."""

import json
import os
import sys
import threading
import time
import traceback


class Told:
    """Tells what happens to one member. Lines of different members do not mix."""

    _lock = threading.Lock()

    def __init__(self, member):
        self._member = member

    def tell(self, event, **fields):
        line = json.dumps({"event": event, "member": self._member, "atMs": time.time() * 1000, **fields})
        with Told._lock:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    def owned(self, generation, partitions):
        self.tell("owned", generation=generation, partitions=sorted(p.partition for p in partitions))

    def gave_up(self, event, partitions):
        self.tell(event, partitions=sorted(p.partition for p in partitions))

    def processed(self, partition, offsets):
        first, following = offsets[0], offsets[-1] + 1
        if following - first != len(offsets):
            raise SystemExit(f"partition {partition}: {len(offsets)} records from {first} to {following}")
        self.tell("processed", partition=partition, first=first, next=following)

    def error(self, error):
        self.tell("error", message=str(error))


class Order:
    """The words of one join command."""

    def __init__(self, words):
        self.member, self.group, self.topic, self.mode, instance, forward = words
        self.instance = None if instance == "-" else instance
        self.forward = None if forward == "-" else forward


def main(run):
    """Runs `run(bootstrap, order, told, is_leaving)` on a thread for each member."""
    members = {}

    def live(*arguments):
        try:
            run(*arguments)
        except BaseException:
            # A member that ends by itself is an end of the program.
            traceback.print_exc()
            os._exit(1)

    for line in sys.stdin:
        command, *words = line.split()
        if command == "join":
            leaving = threading.Event()
            order = Order(words)
            arguments = (sys.argv[1], order, Told(order.member), leaving.is_set)
            thread = threading.Thread(target=live, args=arguments)
            members[order.member] = (leaving, thread)
            thread.start()
        else:
            members.pop(words[0])[0].set()
    for leaving, _ in members.values():
        leaving.set()
    for _, thread in members.values():
        thread.join()
