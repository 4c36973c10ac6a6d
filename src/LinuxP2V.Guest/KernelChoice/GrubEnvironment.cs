namespace LinuxP2V.Guest.KernelChoice;

/// <summary>grubenv: settings that GRUB itself reads and writes in place, so its size is fixed.</summary>
internal static class GrubEnvironment
{
    private const int Bytes = 1024;
    private const string Header = "# GRUB Environment Block\n";

    public static string? Get(string text, string name) =>
        text.Split('\n').LastOrDefault(line => line.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    /// <returns>Null when the settings do not fit any more.</returns>
    public static string? Set(string text, string name, string value)
    {
        var lines = text.Split('\n')
            .Where(line => line.Contains('=') && line[0] != '#' && !line.StartsWith(name + "=", StringComparison.Ordinal))
            .Append($"{name}={value}");
        var body = Header + string.Concat(lines.Select(line => line + "\n"));
        return body.Length <= Bytes ? body.PadRight(Bytes, '#') : null;
    }
}
