using System.Collections;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// One piece of a transfer: done as a whole or again as a whole. Its text, with the names of type and members, tells a
/// resume whether its plan is the one of the notes on the disk: after a rename, a copy that broke off begins anew.
/// </summary>
/// <param name="Number">Its place in the plan; the same in each plan that is made of the same things.</param>
/// <param name="Bytes">Of file data, as the manifest has it.</param>
internal abstract record TransferUnit(int Number, long Bytes);

/// <summary>Files that one tar stream brings over: the travelling ones of the entries From to To, which is not included.</summary>
/// <param name="From">Index into the entries of the transfer.</param>
internal sealed record ShardUnit(int Number, long Bytes, int From, int To, int Files) : TransferUnit(Number, Bytes);

/// <summary>A piece of a large file.</summary>
/// <param name="Length">With the holes in it.</param>
/// <param name="IsLast">It goes on to the file's end, wherever that is by then.</param>
internal sealed record RangeUnit(int Number, long Bytes, int Entry, long Offset, long Length, bool IsLast) : TransferUnit(Number, Bytes);

/// <summary>
/// Cuts entries into units: shards of neighbours, as what lies in one folder lies together on the disk, of about the same
/// weight; a large file alone; a huge one by ranges. The same manifest, entries and settings give the same plan.
/// </summary>
internal sealed class ShardPlan
{
    private const long LeastShardBytes = 16L << 20;
    private const long MostShardBytes = 256L << 20;
    private const int LeastShardFiles = 1000;
    private const int MostShardFiles = 16_000;

    /// <summary>Enough for eight streams to end at about the same time.</summary>
    private const int WantedShards = 64;

    private readonly Manifest manifest;
    private readonly IReadOnlyList<int> entries;
    private readonly LinkGroups links;
    private readonly BitArray alone;
    private readonly List<TransferUnit> units = [];

    private ShardPlan(Manifest manifest, IReadOnlyList<int> entries, LinkGroups links)
    {
        (this.manifest, this.entries, this.links) = (manifest, entries, links);
        alone = new BitArray(entries.Count);
    }

    public IReadOnlyList<TransferUnit> Units => units;

    /// <summary>Of file data that travels.</summary>
    public long Bytes { get; private set; }

    /// <summary>Entries that travel: no directories, no further names, no sockets.</summary>
    public long Files { get; private set; }

    public static ShardPlan Make(Manifest manifest, IReadOnlyList<int> entries, LinkGroups links, TransferSettings settings)
    {
        var plan = new ShardPlan(manifest, entries, links);
        for (var i = 0; i < entries.Count; i++)
        {
            if (plan.Travels(entries[i]))
            {
                plan.Files++;
                plan.Bytes += DataOf(manifest[entries[i]]);
            }
        }

        plan.Cut(
            settings.ShardBytes ?? Math.Clamp(plan.Bytes / WantedShards, LeastShardBytes, MostShardBytes),
            settings.ShardFiles ?? (int)Math.Clamp(plan.Files / WantedShards, LeastShardFiles, MostShardFiles),
            settings
        );
        return plan;
    }

    /// <summary>The entries that a shard brings over.</summary>
    public IReadOnlyList<int> EntriesOf(ShardUnit shard)
    {
        var found = new List<int>(shard.Files);
        var isAlone = shard.To == shard.From + 1;
        for (var i = shard.From; i < shard.To; i++)
        {
            if (Travels(entries[i]) && (isAlone || !alone[i]))
                found.Add(entries[i]);
        }

        return found;
    }

    /// <summary>What a file's data takes in a stream: holes are not sent.</summary>
    public static long DataOf(in ManifestRecord record) => record.Type == EntryType.File ? Math.Min(record.Size, record.AllocatedBytes) : 0;

    private bool Travels(int entry) => manifest.TypeOf(entry) is not (EntryType.Directory or EntryType.Socket) && !links.IsFollower(entry);

    private void Cut(long shardBytes, int shardFiles, TransferSettings settings)
    {
        var (from, bytes, files) = (0, 0L, 0);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            if (!Travels(entry))
                continue;

            var record = manifest[entry];
            var data = DataOf(record);
            if (data >= settings.RangedFrom)
            {
                alone[i] = true;
                CutRanges(entry, record.Size, data, settings.RangeBytes);
            }
            else if (data >= shardBytes)
            {
                alone[i] = true;
                units.Add(new ShardUnit(units.Count, data, i, i + 1, 1));
            }
            else
            {
                bytes += data;
                files++;
                if (bytes >= shardBytes || files >= shardFiles)
                {
                    units.Add(new ShardUnit(units.Count, bytes, from, i + 1, files));
                    (from, bytes, files) = (i + 1, 0, 0);
                }
            }
        }

        if (files > 0)
            units.Add(new ShardUnit(units.Count, bytes, from, entries.Count, files));
    }

    /// <param name="data">What lies between the holes, wherever they are: a range is so long that this much of it is data.</param>
    private void CutRanges(int entry, long size, long data, long rangeBytes)
    {
        var length = rangeBytes * (size / data);
        var rest = data;
        for (long offset = 0; offset < size; offset += length)
        {
            var isLast = size - offset <= length;
            var bytes = isLast ? rest : Math.Min(rest, rangeBytes);
            units.Add(new RangeUnit(units.Count, bytes, entry, offset, isLast ? size - offset : length, isLast));
            rest -= bytes;
        }
    }
}
