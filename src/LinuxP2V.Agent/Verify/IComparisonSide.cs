using LinuxP2V.Agent.Events;

namespace LinuxP2V.Agent.Verify;

/// <summary>One end of a comparison: the source or the copy.</summary>
internal interface IComparisonSide
{
    /// <param name="paths">./ before each, or a dot for the root.</param>
    /// <returns>For each path, a char a byte; null where it could not be read.</returns>
    /// <exception cref="AgentException">VolumeNotFound, VerificationFailed, and what a stream throws.</exception>
    Task<string?[]> AskAsync(PropertyCheck check, IReadOnlyList<byte[]> paths, CancellationToken cancellationToken);
}

internal static class PathList
{
    /// <summary>A NUL behind each.</summary>
    public static byte[] Join(IReadOnlyList<byte[]> paths)
    {
        var list = new byte[paths.Sum(path => path.Length + 1)];
        var at = 0;
        foreach (var path in paths)
        {
            path.CopyTo(list.AsSpan(at));
            at += path.Length + 1;
        }

        return list;
    }
}
