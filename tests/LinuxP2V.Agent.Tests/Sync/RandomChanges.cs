namespace LinuxP2V.Agent.Tests.Sync;

/// <summary>Changes of a source, at random and the same for each seed: it grows, changes and prunes a tree of its own.</summary>
internal static class RandomChanges
{
    /// <summary>Arguments: seed, number of changes.</summary>
    private const string Program = """
        import os, random, shutil, sys
        seed, count = sys.argv[1], int(sys.argv[2])
        r = random.Random(seed)
        NAMES = [b'a', b'b', b'c', b'd e', b'f\nf', b'-g', b'h\xff\xfe', b'i*', 'ü'.encode(), b"j'k", b'l\\m', b'n' * 200]
        def name(): return r.choice(NAMES) + (b'' if r.random() < .5 else str(r.randrange(6)).encode())
        def every():
            folders, files = [b'.'], []
            for top, dirs, names in os.walk(b'.'):
                dirs[:] = [d for d in sorted(dirs) if d != b'lost+found']
                for d in dirs:
                    p = os.path.join(top, d)
                    (files if os.path.islink(p) else folders).append(p)
                files += [os.path.join(top, n) for n in sorted(names)]
            return folders, files
        def data():
            size = r.choice([0, 1, 10, 1000, 5000, 70000]) if r.random() < .97 else 1500000
            return r.randbytes(size)
        def times(p): os.utime(p, ns=(1, r.randrange(10**18)), follow_symlinks=False)
        def remove(p):
            shutil.rmtree(p) if os.path.isdir(p) and not os.path.islink(p) else os.unlink(p)
        def make(p):
            kind = r.choice(['file'] * 6 + ['dir'] * 4 + ['link', 'fifo', 'device', 'sparse'])
            if kind == 'file': open(p, 'xb').write(data())
            if kind == 'dir': os.mkdir(p)
            if kind == 'link': os.symlink(name(), p)
            if kind == 'fifo': os.mkfifo(p)
            if kind == 'device': os.mknod(p, 0o20600, os.makedev(1, r.randrange(9)))
            if kind == 'sparse':
                with open(p, 'xb') as f: f.truncate(3000000); f.seek(r.randrange(2900000)); f.write(b'x')
        for _ in range(count):
            folders, files = every()
            everything = folders[1:] + files
            target = os.path.join(r.choice(folders), name())
            one = r.choice(everything) if everything else None
            regular = [f for f in files if os.path.isfile(f) and not os.path.islink(f)]
            acts = 'new new new new append rewrite forge mode owner times attribute delete move move move swap link replace saved'
            act = r.choice(acts.split())
            try:
                if act == 'new' or one is None: make(target)
                elif act == 'append' and regular: open(r.choice(regular), 'ab').write(data())
                elif act == 'rewrite' and regular: open(r.choice(regular), 'wb').write(data())
                elif act == 'forge' and regular:
                    f = r.choice(regular); s = os.stat(f)
                    with open(f, 'r+b') as w: w.write(r.randbytes(min(s.st_size, 20)))
                    os.utime(f, ns=(s.st_atime_ns, s.st_mtime_ns))
                elif act == 'mode' and not os.path.islink(one): os.chmod(one, r.randrange(0o10000) | (0o700 if os.path.isdir(one) else 0))
                elif act == 'owner': os.chown(one, r.randrange(3000), r.randrange(3000), follow_symlinks=False)
                elif act == 'times': times(one)
                elif act == 'attribute' and regular:
                    f = r.choice(regular); old = os.listxattr(f)
                    if old and r.random() < .5: os.removexattr(f, old[0])
                    else: os.setxattr(f, b'user.' + r.choice([b'x', b'y']), r.randbytes(5))
                elif act == 'delete' and r.random() < .6: remove(one)
                elif act == 'move': os.rename(one, target)
                elif act == 'swap':
                    other = r.choice(everything)
                    if not (other + b'/').startswith(one + b'/') and not (one + b'/').startswith(other + b'/'):
                        os.rename(one, b'./swap'); os.rename(other, one); os.rename(b'./swap', other)
                elif act == 'link' and files: os.link(r.choice(files), target, follow_symlinks=False)
                elif act == 'replace': remove(one); make(one)
                elif act == 'saved' and regular:
                    f = r.choice(regular); open(b'./saved', 'wb').write(data()); os.rename(b'./saved', f)
            except OSError: pass
        """;

    public static void Make(SyncPair pair, string seed, int count) => pair.Do($"python3 - {seed} {count} <<'END'\n{Program}\nEND");
}
