using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>Picks a sample of a volume's files, by its manifest.</summary>
internal static class FileSample
{
    private const int MostFilesInPart = 100;

    /// <summary>All files of a volume, as data that may travel compressed.</summary>
    public static CompressibleData DataOf(VolumeWork work, Manifest manifest) =>
        new(work.Volume.Id, manifest.TotalBytes, () => Of(manifest), work.View.In);

    public static DataSample Of(Manifest manifest)
    {
        using var small = new MemoryStream();
        using var large = new MemoryStream();
        var step = DataSample.Step(manifest.TotalBytes);
        var next = step / 2;
        long passed = 0;
        var (partLeft, filesLeft) = (0L, 0);
        for (var entry = 0; entry < manifest.Count; entry++)
        {
            var record = manifest[entry];
            if (record.Type != EntryType.File || record.Size == 0)
                continue;

            var weight = record.Size / Math.Max(1, record.Links);
            if (record.Size > DataSample.PartBytes)
            {
                for (; next < passed + weight; next += step)
                {
                    Add(large, manifest, entry);
                    large.Write(Encoding.ASCII.GetBytes(((next - passed) / DataSample.BlockBytes).ToString(CultureInfo.InvariantCulture)));
                    large.WriteByte(0);
                }
            }
            else
            {
                if (next < passed + weight)
                {
                    next += step;
                    (partLeft, filesLeft) = (DataSample.PartBytes, MostFilesInPart);
                }

                if (partLeft > 0 && filesLeft > 0)
                {
                    Add(small, manifest, entry);
                    (partLeft, filesLeft) = (partLeft - record.Size, filesLeft - 1);
                }
            }

            passed += weight;
        }

        return new DataSample(small.ToArray(), large.ToArray());
    }

    private static void Add(MemoryStream list, Manifest manifest, int entry)
    {
        list.Write("./"u8);
        list.Write(manifest.PathOf(entry));
        list.WriteByte(0);
    }
}
