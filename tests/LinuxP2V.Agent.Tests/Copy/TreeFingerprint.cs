namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>
/// All that a tree of files is, a line for each: by Python, which shares nothing with the agent, in one process,
/// because a dozen for each file took most of the tests' time.
/// </summary>
internal static class TreeFingerprint
{
    private const string Program = """
        import array, errno, fcntl, hashlib, os, stat, sys

        # linux/fs.h. Extents and indexed folders are the file system's own choice.
        FS_IOC_GETFLAGS, FS_EXTENT_FL, FS_INDEX_FL = 0x80086601, 0x80000, 0x1000

        with_attributes = sys.argv[1] == 'True'
        device = os.lstat(b'.').st_dev
        # The first name that the walk met of each file with several.
        first_names = {}

        def opened(path):
            return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)

        def digest(path):
            with open(opened(path), 'rb') as file: return hashlib.file_digest(file, 'sha256').hexdigest()

        def flags(path):
            number, file = array.array('l', [0]), opened(path)
            try: fcntl.ioctl(file, FS_IOC_GETFLAGS, number)
            finally: os.close(file)
            return '%x' % (number[0] & ~(FS_EXTENT_FL | FS_INDEX_FL))

        def attributes(path):
            try: names = sorted(os.listxattr(path, follow_symlinks=False))
            except OSError as e:
                if e.errno != errno.EOPNOTSUPP: raise
                names = []
            return ['%s=0x%s' % (quoted(os.fsencode(name)), os.getxattr(path, name, follow_symlinks=False).hex()) for name in names]

        def quoted(name):
            return name.decode('latin-1').encode('unicode_escape').decode().replace(' ', '\\x20')

        def line(path, entry):
            kind = entry.st_mode
            fields = [quoted(path), '%o' % stat.S_IFMT(kind), '%o' % stat.S_IMODE(kind), entry.st_uid, entry.st_gid, entry.st_mtime_ns]
            # How large a folder is depends on its history.
            if not stat.S_ISDIR(kind):
                fields += [entry.st_nlink, entry.st_size]
                if entry.st_nlink > 1: fields.append(quoted(first_names.setdefault(entry.st_ino, path)))
            if stat.S_ISLNK(kind): fields.append(quoted(os.readlink(path)))
            if stat.S_ISREG(kind): fields.append(digest(path))
            if stat.S_ISCHR(kind) or stat.S_ISBLK(kind): fields.append('%x' % entry.st_rdev)
            if with_attributes:
                fields += attributes(path)
                if stat.S_ISREG(kind) or stat.S_ISDIR(kind): fields.append(flags(path))
            print(*fields)

        def walk(path):
            entry = os.lstat(path)
            if path.startswith(b'./lost+found'): return
            line(path, entry)
            if stat.S_ISDIR(entry.st_mode) and entry.st_dev == device:
                for name in sorted(os.listdir(path)): walk(path + b'/' + name)

        walk(b'.')
        """;

    /// <summary>
    /// Path, type, mode, owner, group, time of change in ns, links, size, which other name is the same file, target,
    /// SHA-256, device number, extended attributes and flags of each entry below <paramref name="folder"/>, without
    /// what is mounted there and without lost+found.
    /// </summary>
    /// <param name="folder">A path of this machine.</param>
    /// <param name="attributes">Whether attributes and flags belong to it.</param>
    public static string Of(string folder, bool attributes = true) => Shell.Run($"python3 - {attributes} <<'END'\n{Program}\nEND", folder);
}
