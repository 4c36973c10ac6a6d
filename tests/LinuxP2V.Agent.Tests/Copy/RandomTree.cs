using System.Globalization;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>Makes a tree with some of everything that a Linux file system can hold, by Python: the same seed, the same tree.</summary>
internal static class RandomTree
{
    private const string Program = """
        import os, random, socket, stat, subprocess, sys
        root, seed, count = os.fsencode(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
        r = random.Random(seed)
        os.chdir(root)
        folders, files, used = [b'.'], [], set()

        def name():
            kind = r.randrange(8)
            if kind == 0: return bytes(r.choice([c for c in range(1, 256) if c != 47]) for _ in range(r.randrange(1, 30)))
            if kind == 1: return b'-' + r.choice([b'rf', b'-', b'-null', b'T', b'C ..'])
            if kind == 2: return b'two words\nand a line' + str(r.random()).encode()
            if kind == 3: return b'x' * r.randrange(90, 255)
            if kind == 4:
                odd = [b'back\\slash', b'a\\nb', b'*', b'[a]?', b'$(id)', b"quo'te\"", b'\xc3\xa4', b'\xe4\xff']
                return r.choice(odd) + str(r.randrange(9)).encode()
            return b'plain%d' % r.randrange(10000)

        def place():
            while True:
                path = r.choice(folders) + b'/' + name()
                if not path.endswith((b'/.', b'/..')) and path not in used:
                    used.add(path)
                    return path

        def dress(path, is_link):
            if r.random() < 0.5: os.lchown(path, r.randrange(70000), r.randrange(70000))
            if is_link: return
            os.chmod(path, r.choice([0o644, 0o600, 0, 0o755, 0o4755, 0o2755, 0o1777, 0o7777, r.randrange(0o10000)]))
            regular = stat.S_ISREG(os.lstat(path).st_mode)
            folder = stat.S_ISDIR(os.lstat(path).st_mode)
            if regular or folder:
                if r.random() < 0.3: os.setxattr(path, b'user.' + b'k' * r.randrange(1, 20), r.randbytes(r.randrange(0, 200)))
            if r.random() < 0.2: os.setxattr(path, b'trusted.t', b'1')
            if r.random() < 0.2: os.setxattr(path, b'security.selinux', b'system_u:object_r:etc_t:s0\0')
            if regular and r.random() < 0.15:
                os.setxattr(path, b'security.capability', bytes.fromhex('0100000200200000000000000000000000000000'))
            if (regular or folder) and r.random() < 0.15:
                subprocess.run([b'setfacl', b'-m', b'u:1234:rwx,g:99:r', b'--', path], check=True)
                if folder: subprocess.run([b'setfacl', b'-d', b'-m', b'u:77:rx', b'--', path], check=True)

        for i in range(count):
            path, kind = place(), r.random()
            try:
                if kind < 0.18:
                    os.mkdir(path); folders.append(path); dress(path, False)
                elif kind < 0.26 and files:
                    try: os.link(r.choice(files), path)
                    except OSError: continue
                    files.append(path)
                elif kind < 0.34:
                    os.symlink(r.choice([b'/etc', b'..', b'no where', r.choice(list(used)), b'x' * 200]), path)
                    if r.random() < 0.3: files.append(path)
                    dress(path, True)
                elif kind < 0.40:
                    r.choice([lambda: os.mkfifo(path),
                              lambda: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(r.randrange(200), r.randrange(200))),
                              lambda: os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(7, r.randrange(200)))])()
                    files.append(path); dress(path, False)
                else:
                    with open(path, 'wb') as f:
                        shape = r.random()
                        if shape < 0.1:
                            f.truncate(r.randrange(1, 4000000)); f.seek(r.randrange(1000000)); f.write(r.randbytes(r.randrange(1, 5000)))
                        elif shape < 0.15: f.write(r.randbytes(r.randrange(1500000, 4000000)))
                        elif shape > 0.3: f.write(r.randbytes(r.randrange(0, 40000)))
                    files.append(path); dress(path, False)
            except OSError as e:
                if e.errno != 36: raise
        everything = sorted(used, key=len, reverse=True)
        for path in everything:
            if os.path.lexists(path):
                os.utime(path, ns=(0, r.randrange(-10**9, 2 * 10**9) * 10**9 + r.randrange(10**9)), follow_symlinks=False)
        """;

    public static void Make(string folder, int seed, int entries)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Program);
            Shell.Run(string.Create(CultureInfo.InvariantCulture, $"python3 {file} {Shell.Quote(folder)} {seed} {entries}"));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
