using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Copy.Manifests;

/// <summary>What lists a volume's files, in the records that <see cref="ManifestParser"/> reads.</summary>
internal static class ManifestScript
{
    private const string Format = @"%y %m %U %G %n %i %s %b %T@ %C@ %P\0";

    /// <summary>For GNU find, in the volume's root.</summary>
    /// <param name="excluded">Relative to the volume's root, without a slash before them.</param>
    public static string Gnu(IEnumerable<string> excluded)
    {
        var prune = string.Concat(excluded.Select(path => $"-path {PosixShell.Quote("./" + Literal(path))} -prune -o "));
        return $"LC_ALL=C exec find . -xdev {prune}-printf '{Format}'";
    }

    /// <summary>find takes -path as a pattern.</summary>
    private static string Literal(string path) =>
        path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal)
            .Replace("?", "\\?", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal);
}
