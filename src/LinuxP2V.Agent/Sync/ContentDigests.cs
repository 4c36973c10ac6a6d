using System.Buffers.Binary;
using System.Security.Cryptography;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// Tells of small files whether bringing them over changed their contents: digests of the copy's files, before and after.
/// </summary>
internal sealed class ContentDigests(TargetFolder folder, ManifestDifference difference, IReadOnlyList<int> entries)
{
    private const int BufferBytes = 1 << 18;

    private readonly byte[] buffer = new byte[BufferBytes];
    private readonly ulong[] before = new ulong[entries.Count];

    public void Begin(CancellationToken cancellationToken)
    {
        for (var i = 0; i < before.Length; i++)
            before[i] = Digest(entries[i], cancellationToken);
    }

    /// <summary>The entries whose contents are others now.</summary>
    public IEnumerable<int> Changed(CancellationToken cancellationToken)
    {
        for (var i = 0; i < before.Length; i++)
        {
            if (Digest(entries[i], cancellationToken) != before[i])
                yield return entries[i];
        }
    }

    /// <returns>0 for what is not there.</returns>
    private ulong Digest(int entry, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var file = folder.OpenFile(difference.Manifest.PathOf(entry));
        if (file is null)
            return 0;

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            long at = 0;
            while (RandomAccess.Read(file, buffer, at) is var count and > 0)
            {
                hash.AppendData(buffer, 0, count);
                at += count;
            }
        }
        catch (Exception exception) when (exception is IOException or NotSupportedException)
        {
            return 0;
        }

        Span<byte> value = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(value);
        return BinaryPrimitives.ReadUInt64LittleEndian(value);
    }
}
