"""What scripts/demo --tour says before each step."""

import select
import sys

ZOOKEEPER, NODES, SENTINELS, WATCHERS, WRITE, KILL, BRING_BACK = range(7)

# What is about to happen, and what to look at then.
EXPLANATIONS = {
    ZOOKEEPER: ("ZooKeeper comes first", """
What everybody has to agree on is kept in ZooKeeper: in /redis/master the address of the master, "host port", and below
/redis/sentinels those of the sentinels. Any program can read both. All that our programs are told is where ZooKeeper is.
Here it is one server. Run three or five, on different hosts: while it is away, a master goes on serving, and sentinels fail over."""),
    NODES: ("Three nodes, and none of them knows who is master", """
A node is a redis-server and its parent, the redis-wrapper. Each redis-server starts as a replica of nobody, closed: it would refuse
writes. Its wrapper looks for a master. There is none, and there never was one, so one of the three gets a lock in ZooKeeper, looks
again, makes its redis-server a master, writes that into ZooKeeper, and only then opens it for writes. The others find it there, ask
it whether that is true, and follow. In the table, LINEAGE is how far the data of a node reach: after all nodes
were down, the one with the freshest data becomes master, and not the first that is back."""),
    SENTINELS: ("Three sentinels, to notice when the master dies", """
They are plain redis-sentinels, each with a sentinel-wrapper, which finds the master in ZooKeeper and tells clients there where its
sentinel is. Two of three have to agree that the master is dead, so one that is cut off from the others chooses nobody. A sentinel that
is started again somewhere else takes an id that is free by then: sentinels never forget each other, and the dead would count."""),
    WATCHERS: ("Two watchers, for clients that know nothing of Sentinel", """
A watcher listens to a sentinel, any of them. When the sentinels have chosen another master, it looks for itself whether that node is
one, and writes it into ZooKeeper, if the node's own wrapper has not. It also tells the state of the whole cluster over HTTP, and runs
commands for events. One is enough; two, so that one may die."""),
    WRITE: ("A write, and a read", """
Clients write to the master. The replicas get it a moment later: that is asynchronous, as always with Redis, and "WAIT 1 1000"
would tell a client that a replica has it. Replicas refuse writes, also when somebody promotes them by hand."""),
    KILL: ("The master dies", """
kill -9 ends the wrapper of the master, and its redis-server with it, as when a host loses its power. Nobody is told. The sentinels
miss its answers for DOWN_AFTER (2 s here, 3 s by default), agree, elect one among them, and that one promotes a replica. The
replica is closed until ZooKeeper names it: so two masters never take writes at once. Below stands when each step
happened, in milliseconds since the kill, and who took it.
(A master that is asked to stop, with SIGTERM, hands over before: a quarter of a second, and nothing is lost.)"""),
    BRING_BACK: ("The old master comes back", """
It was master when it died, and may believe that it still is. With Redis alone it would take writes until somebody tells it. Here it
starts closed, as all do, and finds the other one. If it had writes that its successor never got, they would be counted, and kept
in DATA_DIR/quarantine, before it copies the data of the new master."""),
}


class Tour:
    """`waits`: for Enter, before each step."""

    def __init__(self, waits):
        self.waits = waits

    def explain(self, step):
        heading, text = EXPLANATIONS[step]
        print(f"\n=== {step + 1} of {len(EXPLANATIONS)}: {heading}\n{text}\n", flush=True)
        if self.waits:
            print("Press Enter to go on. ", end="", flush=True)  # input() would prompt on standard error
            # A Ctrl-C that comes just before a read does not end it; Python sees it between two looks.
            while not select.select([sys.stdin], [], [], 0.5)[0]:
                pass
            sys.stdin.readline()
            print(flush=True)


class NoTour:
    def explain(self, step):
        pass
