using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LinuxP2V.Agent.Events;

namespace LinuxP2V.Agent.Views;

/// <summary>A view that was made on the source for this copy and goes with it.</summary>
internal interface ISnapshot : IAsyncDisposable
{
    /// <summary>As the source's tools take it.</summary>
    string Name { get; }

    /// <summary>Ends when the snapshot is lost before its end, with the reason.</summary>
    Task<AgentException> Broken { get; }

    /// <summary>Looks at it a last time and takes it away.</summary>
    Task<SnapshotEnd> EndAsync();
}

/// <param name="Broken">Why what was read from it may lack something; null: it was whole to the end.</param>
/// <param name="IsRemoved">It is gone from the source.</param>
internal sealed record SnapshotEnd(AgentException? Broken, bool IsRemoved);

/// <summary>The names by which a conversion's snapshots are told from everything else on the source.</summary>
/// <param name="Tag">Of the conversion.</param>
/// <param name="Volume">Of the snapshot: one of each volume, so that a later run meets the leftover of an earlier one.</param>
internal sealed record SnapshotName(string Tag, string Volume)
{
    /// <summary>All snapshots of this product, of whichever conversion, have names that begin so.</summary>
    public const string Prefix = "linuxp2v-";

    public static SnapshotName Of(string conversionId, string volumeId)
    {
        // LVM and shells take few characters; the ids may hold any.
        var conversion = Hash(conversionId);
        return new SnapshotName(
            Prefix + conversion,
            string.Create(CultureInfo.InvariantCulture, $"{Prefix}{conversion[..8]}-{Hash(volumeId)[..8]}")
        );
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
