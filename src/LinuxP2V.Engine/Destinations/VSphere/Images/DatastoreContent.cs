using System.Collections.Concurrent;
using System.Security.Cryptography;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Images;

/// <summary>
/// Reads helper images back from a datastore, as whoever may write there could have changed them. A file is read once, and
/// again when its length or its time is another.
/// </summary>
internal sealed class DatastoreContent(VimClient client)
{
    private const int BufferBytes = 1 << 16;

    private readonly ConcurrentDictionary<(ManagedObject Datastore, DatastoreFile File), string> hashes = new();

    /// <summary>Of the file service.</summary>
    /// <param name="datacenterPath">In the inventory, as the server writes it.</param>
    public static string PathTo(InventoryItem datastore, string datacenterPath, string folder, string fileName)
    {
        // A path within the server's root has no slash before it, and an ESXi calls its datacenter this way as well.
        var query = $"dcPath={Uri.EscapeDataString(datacenterPath.TrimStart('/'))}&dsName={Uri.EscapeDataString(datastore.RawName)}";
        var parts = folder.Split(['/'], StringSplitOptions.RemoveEmptyEntries).Append(fileName).Select(Uri.EscapeDataString);
        return $"/folder/{string.Join("/", parts)}?{query}";
    }

    /// <returns>Whether the content has the hash whose first digits are given.</returns>
    /// <exception cref="VimTransportException">It cannot be read, or the account may not.</exception>
    public async Task<bool> HasHashAsync(
        InventoryItem datastore,
        string datacenterPath,
        DatastoreFile file,
        string hashPrefix,
        CancellationToken cancellationToken
    )
    {
        if (!hashes.TryGetValue((datastore.Object, file), out var hash))
        {
            hash = await client
                .DownloadAsync(
                    PathTo(datastore, datacenterPath, file.Folder, file.Name),
                    (content, token) => HashAsync(content, file.Length, token),
                    cancellationToken
                )
                .ConfigureAwait(false);
            hashes[(datastore.Object, file)] = hash;
        }

        return hash.StartsWith(hashPrefix, StringComparison.Ordinal);
    }

    /// <summary>What was read under another name is not read again.</summary>
    public void Remember(InventoryItem datastore, DatastoreFile file, string hash) => hashes[(datastore.Object, file)] = hash;

    /// <returns>Empty where there is more than the length: it is another file, of whatever size.</returns>
    private static async Task<string> HashAsync(Stream content, long length, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        long total = 0;
        int count;
        while ((count = await content.ReadAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false)) > 0)
        {
            total += count;
            if (total > length)
                return "";

            hash.AppendData(buffer, 0, count);
        }

        return total == length
            ? HelperImage.ToText(hash.GetHashAndReset())
            : throw new VimTransportException($"Of a file's {length} bytes {total} arrived.", isTransient: true);
    }
}
