using System.Text.RegularExpressions;
using LinuxP2V.Engine.Sources.Probing;
using LinuxP2V.Guest.FileSystems;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>Superblocks read from bytes against what the file systems' own tools say of the same image.</summary>
public sealed class ContentReaderTests
{
    private const long MiB = 1L << 20;

    [Theory]
    [InlineData("mkfs.ext4", "")]
    [InlineData("mkfs.ext3", "")]
    [InlineData("mkfs.ext2", "")]
    [InlineData("mkfs.ext4", "-O ^64bit,^metadata_csum,uninit_bg -I 128 -m 1")]
    [InlineData(
        "mkfs.ext4",
        "-O bigalloc,quota,project,inline_data,encrypt,verity,casefold,large_dir,ea_inode,metadata_csum_seed,sparse_super2,^resize_inode"
    )]
    [InlineData("mkfs.ext4", "-b 4096 -m 7.5 -N 2048 -O fast_commit,mmp")]
    public void Ext_agrees_with_dumpe2fs(string tool, string options)
    {
        using var image = new ScratchFile(96 * MiB);
        Command.Run(tool, [.. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-q", "-F", "-L", "some label", image.Path]);
        var told = Command.Run("dumpe2fs", "-h", image.Path);
        string Told(string name) => Regex.Match(told, $@"^{name}: *(.*)$", RegexOptions.Multiline).Groups[1].Value.Trim();

        var content = ContentReader.Read(image.Read(12288), null)!;

        Assert.Equal(tool[5..], content.Type);
        Assert.Equal(Told("Filesystem UUID"), content.Uuid);
        Assert.Equal("some label", content.Label);
        var specification = content.Specification!;
        Assert.Equal(tool[5..], specification.Kind.ToString().ToLowerInvariant());
        Assert.Equal(long.Parse(Told("Block size"), null), specification.BlockSizeBytes);
        var ext = specification.Ext!;
        Assert.Equal(Told("Filesystem features").Split(' ').Order(), ext.Features.Order());
        Assert.Equal(int.Parse(Told("Inode size"), null), ext.InodeSizeBytes);
        Assert.Equal(long.Parse(Told("Inode count"), null), ext.InodeCount);
        Assert.Equal(long.Parse(Told("Block count"), null) * specification.BlockSizeBytes, ext.SourceSizeBytes);
        Assert.Equal(
            100.0 * long.Parse(Told("Reserved block count"), null) / long.Parse(Told("Block count"), null),
            ext.ReservedPercent!.Value,
            0.01
        );
        var options2 = Told("Default mount options");
        Assert.Equal(options2 == "(none)" ? [] : options2.Split(' '), ext.DefaultMountOptions);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-m crc=0,finobt=0,reflink=0 -n ftype=0")]
    [InlineData("-m reflink=0,rmapbt=1,bigtime=0,inobtcount=0 -i sparse=0,size=1024 -n size=8192")]
    public void Xfs_agrees_with_mkfs(string options)
    {
        using var image = new ScratchFile(400 * MiB);
        // Its text is xfs_info's.
        var told = Command.Run("mkfs.xfs", [.. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-L", "vol", image.Path]);
        var expected = XfsInfo.Read(told.Split('\n'), new FileSystemSpec { Kind = FileSystemKind.Xfs });

        var content = ContentReader.Read(image.Read(12288), null)!;

        Assert.Equal("xfs", content.Type);
        Assert.Equal("vol", content.Label);
        Assert.Equal(Blkid(image, "UUID"), content.Uuid);
        Assert.Equal(expected.Xfs, content.Specification!.Xfs);
        Assert.Equal(expected.BlockSizeBytes, content.Specification.BlockSizeBytes);
    }

    [Theory]
    [InlineData(4, 12)]
    [InlineData(32, 16)]
    [InlineData(64, 32)]
    public void Fat_is_read_with_its_width(int sizeMiB, int bits)
    {
        using var image = new ScratchFile(sizeMiB * MiB);
        Command.Run("mkfs.vfat", "-F", $"{bits}", "-n", "EFI", image.Path);

        var content = ContentReader.Read(image.Read(12288), null)!;

        Assert.Equal("vfat", content.Type);
        Assert.Equal(bits, content.Specification!.FatBits);
        Assert.Equal(Blkid(image, "UUID"), content.Uuid);
        Assert.Equal("EFI", content.Label);
    }

    [Fact]
    public void Swap_is_read()
    {
        using var image = new ScratchFile(8 * MiB);
        Command.Run("mkswap", "-L", "swapping", image.Path);
        var content = ContentReader.Read(image.Read(12288), null)!;
        Assert.Equal(("swap", Blkid(image, "UUID"), "swapping"), (content.Type, content.Uuid, content.Label));
    }

    [Fact]
    public void Empty_and_unreadable_devices_hold_nothing()
    {
        Assert.Null(ContentReader.Read(new byte[12288], null));
        Assert.Null(ContentReader.Read(null, null));
    }

    [Fact]
    public void Old_xfs_info_is_understood()
    {
        // xfsprogs 3.1, as on RHEL 6: no version 5 features at all.
        var old = XfsInfo.Read(
            """
            meta-data=/dev/mapper/vg-data    isize=256    agcount=4, agsize=1310720 blks
                     =                       sectsz=512   attr=2, projid32bit=0
            data     =                       bsize=4096   blocks=5242880, imaxpct=25
                     =                       sunit=0      swidth=0 blks
            naming   =version 2              bsize=8192   ascii-ci=0
            log      =internal               bsize=4096   blocks=2560, version=2
                     =                       sectsz=512   sunit=0 blks, lazy-count=1
            realtime =none                   extsz=4096   blocks=0, rtextents=0
            """.Split('\n'),
            new FileSystemSpec { Kind = FileSystemKind.Xfs }
        );

        Assert.Equal(4096, old.BlockSizeBytes);
        Assert.Equal(
            new XfsParameters
            {
                InodeSizeBytes = 256,
                Crc = false,
                FreeInodeBtree = false,
                SparseInodes = false,
                ReverseMapBtree = false,
                Reflink = false,
                BigTime = false,
                InodeBtreeCount = false,
                LargeExtentCounts = false,
                FileType = false,
                NamingBlockSizeBytes = 8192,
            },
            old.Xfs
        );
    }

    private static string Blkid(ScratchFile image, string tag) => Command.Run("blkid", "-p", "-s", tag, "-o", "value", image.Path).Trim();
}
