using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Tests.Listing;

public sealed class ManifestTests
{
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
        Assert.Equal(
            (b, a, Manifest.Root, -1),
            (manifest.ParentOf(c), manifest.ParentOf(b), manifest.ParentOf(a), manifest.ParentOf(Manifest.Root))
        );
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
}
