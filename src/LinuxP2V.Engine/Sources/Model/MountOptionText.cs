namespace LinuxP2V.Engine.Sources.Model;

/// <summary>Asks a comma-separated list of mount options.</summary>
internal static class MountOptionText
{
    /// <summary>The value of name=value; null where it is not there. The last one counts, as for mount.</summary>
    public static string? ValueOf(string? options, string name) =>
        (options ?? "")
            .Split(',')
            .LastOrDefault(option => option.StartsWith(name + "=", StringComparison.Ordinal))
            ?.Substring(name.Length + 1);

    /// <summary>A log or journal on another device: XFS's logdev, ext's journal_path and journal_dev.</summary>
    public static bool NamesLog(string options) =>
        ValueOf(options, "logdev") is not null
        || ValueOf(options, "journal_path") is not null
        || ValueOf(options, "journal_dev") is not null;

    /// <summary>btrfs's compress or compress-force as one option, such as compress=zstd:3; null where nothing is compressed.</summary>
    public static string? Compression(string options) =>
        options
            .Split(',')
            .LastOrDefault(option =>
                option is "compress" or "compress-force"
                || option.StartsWith("compress=", StringComparison.Ordinal)
                || option.StartsWith("compress-force=", StringComparison.Ordinal)
            )
            is { } found
        && !found.EndsWith("=no", StringComparison.Ordinal)
        && !found.EndsWith("=none", StringComparison.Ordinal)
            ? found
            : null;
}
