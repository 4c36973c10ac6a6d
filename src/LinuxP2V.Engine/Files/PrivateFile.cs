namespace LinuxP2V.Engine.Files;

/// <summary>
/// Files for one user. On Windows the folder's rights are theirs; on Linux a new file has mode 0600, whatever the umask, so
/// that no other user can read it, or hold a lock on it.
/// </summary>
internal static class PrivateFile
{
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
#if NET
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
        {
            return new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = mode,
                    Access = access,
                    Share = share,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            );
        }
#endif
        return new FileStream(path, mode, access, share);
    }
}
