using System.Security.Cryptography;
using System.Text;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

internal static class MachineFinder
{
    /// <summary>Whatever bears this name in a folder: VMs are not the only things there.</summary>
    public static async Task<ManagedObject?> FindAsync(
        VimClient client,
        ManagedObject folder,
        string name,
        CancellationToken cancellationToken
    )
    {
        var response = await client
            .CallAsync("FindChild", client.Content.SearchIndex, [("entity", folder), ("name", name)], cancellationToken)
            .ConfigureAwait(false);
        return response.Reference("returnval");
    }

    /// <summary>The VM that was made for a conversion, wherever it was moved to and however it is called now.</summary>
    public static async Task<MachineSnapshot?> FindOfAsync(VimClient client, string conversionId, CancellationToken cancellationToken)
    {
        var response = await client
            .CallAsync(
                "FindByUuid",
                client.Content.SearchIndex,
                [("uuid", UuidOf(conversionId)), ("vmSearch", true), ("instanceUuid", true)],
                cancellationToken
            )
            .ConfigureAwait(false);
        return response.Reference("returnval") is { } found
            ? await ReadOwnAsync(client, found, conversionId, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <returns>Null when it bears another conversion's mark or none, or went meanwhile.</returns>
    public static async Task<MachineSnapshot?> ReadOwnAsync(
        VimClient client,
        ManagedObject machine,
        string conversionId,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var snapshot = new MachineSnapshot(
                await client.Properties.ReadAsync(machine, MachineSnapshot.Paths, cancellationToken).ConfigureAwait(false)
            );
            return snapshot.ConversionId == conversionId ? snapshot : null;
        }
        catch (VimFaultException fault) when (fault.Is("ManagedObjectNotFound"))
        {
            return null;
        }
    }

    /// <summary>The VM's instanceUuid: the one key that a server finds a VM by without being told a place.</summary>
    public static string UuidOf(string conversionId)
    {
        using var hash = SHA256.Create();
        var bytes = hash.ComputeHash(Encoding.UTF8.GetBytes("linuxp2v " + conversionId));
        // As RFC 9562 has it for ids that are made of something else: version 8.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        var hex = BitConverter.ToString(bytes, 0, 16).Replace("-", "").ToLowerInvariant();
        return $"{hex.Substring(0, 8)}-{hex.Substring(8, 4)}-{hex.Substring(12, 4)}-{hex.Substring(16, 4)}-{hex.Substring(20)}";
    }
}
