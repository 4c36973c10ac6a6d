using System.Text;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>Where a manifest's entries lie in the copy, as <see cref="NativeFiles"/> takes paths.</summary>
internal sealed class TargetPaths(string targetPath, Manifest manifest)
{
    private readonly byte[] root = Encoding.UTF8.GetBytes(targetPath.TrimEnd('/'));

    /// <summary>With a NUL at the end.</summary>
    public byte[] this[int entry] => For(manifest.PathOf(entry));

    /// <param name="path">From the volume's root, without a slash before it; empty for the root.</param>
    public byte[] For(ReadOnlySpan<byte> path)
    {
        var full = new byte[root.Length + path.Length + 2];
        root.CopyTo(full, 0);
        full[root.Length] = (byte)'/';
        path.CopyTo(full.AsSpan(root.Length + 1));
        return full;
    }
}
