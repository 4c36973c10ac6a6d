using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>os-release: which distribution a guest is.</summary>
internal static class OsRelease
{
    /// <returns>Null where it is not said.</returns>
    public static string? Value(GuestTree files, string name) =>
        (files.TryReadText("/etc/os-release") ?? files.TryReadText("/usr/lib/os-release") ?? "")
            .Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.StartsWith(name + "=", StringComparison.Ordinal))
            .Select(line => line[(name.Length + 1)..].Trim('"', '\''))
            .LastOrDefault(value => value.Length > 0);
}
