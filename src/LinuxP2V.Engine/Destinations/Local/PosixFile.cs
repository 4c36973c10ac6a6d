namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>File calls that Windows and .NET Framework lack. It never comes there at run time: this destination needs Linux.</summary>
internal static class PosixFile
{
    /// <summary>For this user alone: who may write to the helper's serial port may log in to it.</summary>
    public static void CreatePrivateFolder(string path)
    {
#if NET
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return;
        }
#endif
        throw new PlatformNotSupportedException(path);
    }

    public static void MakeExecutable(string path)
    {
#if NET
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
            return;
        }
#endif
        throw new PlatformNotSupportedException(path);
    }

    /// <summary>In one step, whatever stands there.</summary>
    public static void MoveOver(string source, string target)
    {
#if NET
        File.Move(source, target, overwrite: true);
#else
        throw new PlatformNotSupportedException(target);
#endif
    }
}
