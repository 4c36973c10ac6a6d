using System.Security.AccessControl;
using System.Security.Principal;
#if NET
using System.Runtime.Versioning;
#else
using System.Runtime.InteropServices;
#endif

namespace LinuxP2V.Engine.Files;

/// <summary>Folders for one user. On Windows administrators and the system are admitted too, as they are to profiles.</summary>
internal static class PrivateFolder
{
    /// <summary>Makes the folder, and those above it that are missing. One that is there keeps its rights.</summary>
    public static void Create(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

#if NET
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return;
        }

        RightsOfUser().CreateDirectory(path);
#else
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            Directory.CreateDirectory(path, RightsOfUser());
        }
        else
        {
            Directory.CreateDirectory(path);
        }
#endif
    }

    /// <summary>Takes the rights of other users on Linux; on Windows they stay.</summary>
    /// <exception cref="UnauthorizedAccessException">The folder is another user's.</exception>
    public static void Close(string path)
    {
#if NET
        const UnixFileMode OfUser = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) is var mode && mode != (mode & OfUser))
            File.SetUnixFileMode(path, mode & OfUser);
#endif
    }

    /// <summary>Full control for three, inherited by all that is made inside; nothing is taken over from the folder above.</summary>
#if NET
    [SupportedOSPlatform("windows")]
#endif
    internal static DirectorySecurity RightsOfUser()
    {
        using var user = WindowsIdentity.GetCurrent();
        return RightsOf(user.User!);
    }

#if NET
    [SupportedOSPlatform("windows")]
#endif
    private static DirectorySecurity RightsOf(SecurityIdentifier user)
    {
        var rights = new DirectorySecurity();
        rights.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        SecurityIdentifier[] admitted =
        [
            user,
            new(WellKnownSidType.BuiltinAdministratorsSid, null),
            new(WellKnownSidType.LocalSystemSid, null),
        ];
        foreach (var account in admitted)
        {
            rights.AddAccessRule(
                new FileSystemAccessRule(
                    account,
                    FileSystemRights.FullControl,
                    InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit,
                    PropagationFlags.None,
                    AccessControlType.Allow
                )
            );
        }

        return rights;
    }
}
