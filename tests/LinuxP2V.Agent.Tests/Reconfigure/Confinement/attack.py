# What a hostile copy's program tries. Each line of output is a name and what came of it; "free" means that it got out.
import ctypes, glob, os, socket, sys

libc = ctypes.CDLL(None, use_errno=True)
canary, port, abstract = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def tell(name, action):
    try:
        print(name, action())
    except OSError as error:
        print(name, os.strerror(error.errno))


def call(number, *arguments):
    if libc.syscall(number, *arguments) == -1:
        raise OSError(ctypes.get_errno(), "")
    return "free"


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return "free"


def search(pattern):
    """Looks for the canary in files of other processes."""
    for path in glob.glob(pattern):
        try:
            with open(path, "rb") as file:
                if canary.encode() in file.read(1 << 20):
                    return "free"
        except OSError:
            pass
    return "nothing"


def node():
    os.mknod("/memory", 0o20600, os.makedev(1, 1))
    try:
        os.close(os.open("/memory", os.O_RDONLY))
    finally:
        os.unlink("/memory")
    return "free"


def escape():
    """The old way out of a chroot: a root below the current folder."""
    folder = os.open("/", os.O_RDONLY)
    os.makedirs("/below", exist_ok=True)
    os.chroot("/below")
    os.fchdir(folder)
    for _ in range(64):
        os.chdir("..")
    os.chroot(".")
    return ",".join(sorted(os.listdir("/")))


def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.settimeout(5)
        one.connect(address)
    return "free"


tell("descriptors", lambda: ",".join(sorted(name for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name))))
tell("processes", lambda: sum(name.isdigit() for name in os.listdir("/proc")))
tell("environments", lambda: search("/proc/*/environ"))
tell("root of the first process", lambda: ",".join(sorted(os.listdir("/proc/1/root/"))))
tell("host name", lambda: open("/proc/sys/kernel/hostname").read() and "read")
tell("set host name", lambda: write("/proc/sys/kernel/hostname", "hostile"))
tell("core pattern", lambda: write("/proc/sys/kernel/core_pattern", "|/evil"))
tell("modprobe", lambda: write("/proc/sys/kernel/modprobe", "/evil"))
tell("uevent helper", lambda: write("/sys/kernel/uevent_helper", "/evil"))
tell("sysrq", lambda: write("/proc/sysrq-trigger", "h"))
tell("memory node", node)
tell("new device", lambda: os.mknod("/dev/memory", 0o20600, os.makedev(1, 1)) or "free")
tell("mount", lambda: call(165, b"none", b"/tmp", b"tmpfs", 0, None))
tell("unmount", lambda: call(166, b"/proc/sys", 0))
tell("new mount", lambda: call(430, b"tmpfs", 0))
tell("unshare", lambda: call(272, 0x20000))
tell("other name space", lambda: call(308, os.open("/proc/self/ns/mnt", os.O_RDONLY), 0))
tell("ptrace", lambda: call(101, 16, 1, 0, 0))
tell("read memory", lambda: call(310, 1, None, 0, None, 0, 0))
tell("module", lambda: call(175, b"x", 1, b""))
tell("bpf", lambda: call(321, 0, None, 0))
tell("reboot", lambda: call(169, 0, 0, 0, None))
tell("port", lambda: call(173, 0x80, 1, 1))
tell("clock", lambda: call(227, 0, ctypes.c_char_p(b"\0" * 16)))
tell("x32", lambda: call(0x40000000 + 101, 16, 1, 0, 0))
tell("network", lambda: connect(socket.AF_INET, ("127.0.0.1", port)))
tell("abstract socket", lambda: connect(socket.AF_UNIX, "\0" + abstract))
tell("chroot", escape)
