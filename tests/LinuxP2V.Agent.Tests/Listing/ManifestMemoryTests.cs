using System.Globalization;
using System.Text;
using System.Text.Unicode;
using LinuxP2V.Agent.Listing;
using Xunit.Abstractions;

namespace LinuxP2V.Agent.Tests.Listing;

/// <summary>Alone in the process: what others allocate meanwhile would count.</summary>
[CollectionDefinition(nameof(ManifestMemoryTests), DisableParallelization = true)]
public sealed class MemoryCollection;

[Collection(nameof(ManifestMemoryTests))]
public sealed class ManifestMemoryTests(ITestOutputHelper output)
{
    /// <summary>Another number of entries for a measurement: the output tells the figures.</summary>
    private const string EntriesVariable = "LINUXP2V_MANIFEST_ENTRIES";

    /// <summary>Ten million entries must fit into 1.5 GB with everything else that the agent holds.</summary>
    [Fact]
    public void A_million_entries_take_less_than_150_bytes_each()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable(EntriesVariable) ?? "1000000", CultureInfo.InvariantCulture);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var resident = ReadStatus("VmRSS");

        var manifest = Generate(count);

        var peak = ReadStatus("VmHWM") - resident;
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)manifest.Count;
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{manifest.Count} entries: {each:0.0} bytes each, {each * manifest.Count / 1e6:0} MB; "
                    + $"the process grew by {peak / 1e6:0} MB at most"
            )
        );
        Assert.Equal(count, manifest.Count);
        Assert.InRange(each, 72, 150);
        GC.KeepAlive(manifest);
    }

    /// <summary>By way of the parser, from records as find prints them: 100 entries a folder, names of 2 to 40 letters.</summary>
    private static Manifest Generate(int count)
    {
        var manifest = new Manifest();
        var parser = new ManifestParser((ReadOnlySpan<byte> path, in ManifestRecord record) => manifest.Add(path, record));
        var random = new Random(4);
        // One buffer for all, as the agent reads: what is measured is the manifest, not the generator.
        var buffer = new byte[1 << 16];
        var text = "linuxp2v-manifest 2 1700000000 find - -\0d 755 0 0 3 2 4096 8 1700000000.5 1700000000.5 \0";
        var used = Encoding.ASCII.GetBytes(text, buffer);
        var folder = "";
        for (var i = 1; i < count; i++)
        {
            var isFolder = i % 100 == 1;
            var name = string.Create(CultureInfo.InvariantCulture, $"{i}{new string('n', random.Next(1, 34))}");
            if (isFolder)
                folder = i % 1000 == 1 || folder.Length > 200 ? name : $"{folder}/{name}";

            Assert.True(
                Utf8.TryWrite(
                    buffer.AsSpan(used),
                    CultureInfo.InvariantCulture,
                    $"{(isFolder ? 'd' : 'f')} 644 1000 1000 1 {i} {random.Next()} 8 170{i:00000000}.1234567890 "
                        + $"170{i:00000000}.1234567890 {folder}{(isFolder ? "" : "/")}{(isFolder ? "" : name)}\0",
                    out var written
                )
            );
            used += written;
            if (used > buffer.Length - 1000)
            {
                parser.Add(buffer.AsSpan(0, used));
                used = 0;
            }
        }

        parser.Add(buffer.AsSpan(0, used));
        parser.Add("linuxp2v-end\0"u8);
        parser.Complete();
        return manifest;
    }

    /// <returns>Bytes.</returns>
    private static long ReadStatus(string field) =>
        1024
        * long.Parse(
            File.ReadLines("/proc/self/status")
                .First(line => line.StartsWith(field + ":", StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        );
}
