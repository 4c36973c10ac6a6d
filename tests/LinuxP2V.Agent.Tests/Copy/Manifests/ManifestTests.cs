using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Copy.Manifests;
using Xunit.Abstractions;

namespace LinuxP2V.Agent.Tests.Copy.Manifests;

public sealed class ManifestTests(ITestOutputHelper output)
{
    /// <summary>Another number of entries for the measurement: the figures of the documents come from a million and two.</summary>
    private const string EntriesVariable = "LINUXP2V_MANIFEST_ENTRIES";

    private static readonly ManifestRecord Folder = new(EntryType.Directory, 0x1ED, 0, 0, 2, 1, 4096, 4096, 1, 1);
    private static readonly ManifestRecord File = new(EntryType.File, 0x1A4, 0, 0, 1, 2, 1000, 1024, 1, 1);

    [Fact]
    public void Entries_are_found_by_path_and_tell_theirs()
    {
        var manifest = new Manifest();
        Assert.Equal(-1, manifest.Find("a"u8));
        Assert.Equal(Manifest.Root, manifest.Add(""u8, Folder));
        var a = manifest.Add("a"u8, Folder);
        var b = manifest.Add("a/b\xff\n"u8, Folder);
        var c = manifest.Add([.. "a/b\xff\n/"u8, 0xE9, 0xFF], File);
        Assert.Equal(-1, manifest.Add("missing/f"u8, File));

        Assert.Equal(4, manifest.Count);
        Assert.Equal(c, manifest.Find(manifest.PathOf(c)));
        Assert.Equal([.. "a/b\xff\n/"u8, 0xE9, 0xFF], manifest.PathOf(c));
        Assert.Equal((b, a, Manifest.Root, -1), (manifest.ParentOf(c), manifest.ParentOf(b), manifest.ParentOf(a), manifest.ParentOf(Manifest.Root)));
        Assert.Equal(-1, manifest.Find("a/c"u8));
        Assert.Equal(Manifest.Root, manifest.Find(""u8));
        Assert.Equal((3, 1000L), (manifest.DirectoryCount, manifest.TotalBytes));
    }

    [Fact]
    public void A_name_that_is_listed_twice_counts_once_with_its_newer_record()
    {
        var manifest = new Manifest();
        manifest.Add(""u8, Folder);
        var first = manifest.Add("f"u8, File);
        Assert.Equal(first, manifest.Add("f"u8, File with { Size = 5, Inode = 7 }));
        Assert.Equal((2, 5L, 7UL), (manifest.Count, manifest.TotalBytes, manifest[first].Inode));
    }

    /// <summary>Ten million entries must fit into 1.5 GB with everything else that the agent holds.</summary>
    [Fact]
    public void A_million_entries_take_less_than_150_bytes_each()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable(EntriesVariable) ?? "1000000", CultureInfo.InvariantCulture);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var manifest = Generate(count);

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)manifest.Count;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{manifest.Count} entries: {each:0.0} bytes each, {each * manifest.Count / 1e6:0} MB; peak working set {Environment.WorkingSet / 1e6:0} MB"));
        Assert.Equal(count, manifest.Count);
        Assert.InRange(each, 72, 150);
        GC.KeepAlive(manifest);
    }

    /// <summary>By way of the parser, from records as find prints them: 100 files a folder, names of 6 to 40 letters.</summary>
    private static Manifest Generate(int count)
    {
        var manifest = new Manifest();
        var parser = new ManifestParser((ReadOnlySpan<byte> path, in ManifestRecord record) => manifest.Add(path, record));
        var random = new Random(4);
        var text = new StringBuilder("linuxp2v-manifest 1 1700000000 find\0d 755 0 0 3 2 4096 8 1700000000.5 1700000000.5 \0");
        var folder = "";
        for (var i = 1; i < count; i++)
        {
            var isFolder = i % 100 == 1;
            var name = string.Create(CultureInfo.InvariantCulture, $"{i}{new string('n', random.Next(1, 34))}");
            if (isFolder)
                folder = i % 1000 == 1 || folder.Length > 200 ? name : $"{folder}/{name}";

            text.Append(CultureInfo.InvariantCulture, $"{(isFolder ? 'd' : 'f')} 644 1000 1000 1 {i} {random.Next()} 8 17000{i:00000}.1234567890 17000{i:00000}.1234567890 ")
                .Append(isFolder ? folder : $"{folder}/{name}").Append('\0');
            if (text.Length > 1 << 16)
            {
                parser.Add(Encoding.ASCII.GetBytes(text.ToString()));
                text.Clear();
            }
        }

        parser.Add(Encoding.ASCII.GetBytes(text.ToString()));
        parser.Complete();
        return manifest;
    }
}
