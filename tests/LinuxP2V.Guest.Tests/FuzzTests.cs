using System.Text;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.FileSystems;
using LinuxP2V.Guest.Images;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Reading;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests;

/// <summary>Whatever a source's files hold, a plan comes of it: for each file of each case, and for what is no text.</summary>
[Trait("Run", "Full")]
[Trait("Area", "Fuzz")]
public sealed class FuzzTests
{
    private static readonly Encoding Bytes = Encoding.Latin1;

    [Fact]
    public void A_plan_is_made_of_any_files()
    {
        var cases = GuestCase.Names.Select(name => new Guest(name)).ToList();
        // Each input begins with the numbers of a case and of a file in it.
        var seeds = cases
            .SelectMany((guest, number) => guest.Paths.Select((path, file) => (byte[])[(byte)number, (byte)file, .. guest.Read(path)]))
            .ToList();
        Mutations.Run(
            seeds,
            input =>
            {
                var guest = cases[input.Length > 0 ? input[0] % cases.Count : 0];
                guest.Preview(guest.Paths[input.Length > 1 ? input[1] % guest.Paths.Count : 0], input[Math.Min(2, input.Length)..]);
            },
            _ => false
        );
    }

    [Fact]
    public void An_answer_of_the_source_is_read_or_refused()
    {
        var seeds = new[] { "", "AAAA", "H4sIAAAAAAAAAw==" }.Select(Bytes.GetBytes).ToList();
        Mutations.Run(
            seeds,
            input => SourceFiles.Parse(Bytes.GetString(input)),
            exception => exception is FormatException or InvalidDataException
        );
    }

    [Fact]
    public void An_initramfs_image_is_read_or_refused()
    {
        byte[] seed = [.. "070701"u8, .. Enumerable.Repeat((byte)'0', 104), .. "TRAILER!!!\0\0\0\0"u8];
        Mutations.Run(
            [seed, [0x1f, 0x8b, 8, 0, 0, 0], [0x28, 0xb5, 0x2f, 0xfd]],
            input => InitramfsFile.Read(new MemoryStream(input), (_, stream) => stream, _ => true),
            exception => exception is InvalidDataException or EndOfStreamException
        );
    }

    [Fact]
    public void A_unified_kernel_is_read_or_refused()
    {
        var seed = new byte[4096];
        "MZ"u8.CopyTo(seed);
        seed[0x3c] = 0x80;
        "PE\0\0"u8.CopyTo(seed.AsSpan(0x80));
        seed[0x86] = 3;
        Mutations.Run([seed], input => UnifiedKernel.Read(new MemoryStream(input)), exception => exception is InvalidDataException);
    }

    [Fact]
    public void A_superblock_is_read_or_not_known()
    {
        var ext = new byte[4096];
        (ext[1024 + 56], ext[1024 + 57]) = (0x53, 0xef);
        var xfs = new byte[4096];
        "XFSB"u8.CopyTo(xfs);
        var btrfs = new byte[4096];
        "_BHRfS_M"u8.CopyTo(btrfs.AsSpan(64));
        Mutations.Run([ext, xfs, btrfs], input => ContentReader.Read(input, input), _ => false);
    }

    private sealed class Guest
    {
        private readonly Dictionary<string, byte[]> files;
        private readonly GuestTarget target;

        public Guest(string name)
        {
            var tree = GuestCase.TreeOf(name);
            var plain = GuestCase.Run(name).Target;
            // Each adapter gets other addresses, so that what writes them reads these files, too.
            var addresses = plain.Options.Adapters.Select(
                (adapter, number) =>
                    new InterfaceAddresses(adapter.SourceName)
                    {
                        Addresses = [$"198.51.100.{number + 10}/24", $"2001:db8::{number + 10}/64"],
                        Gateways = number == 0 ? ["198.51.100.1", "fe80::1"] : [],
                        DnsServers = ["198.51.100.53"],
                    }
            );
            target = plain with { Options = plain.Options with { Addresses = [.. addresses] } };
            files = Directory
                .EnumerateFiles(tree, "*", SearchOption.AllDirectories)
                .Where(file => new FileInfo(file) is { LinkTarget: null, Length: < 20_000 })
                .ToDictionary(file => file[tree.Length..], File.ReadAllBytes);
            Paths = [.. files.Keys.Order(StringComparer.Ordinal)];
        }

        public IReadOnlyList<string> Paths { get; }

        public byte[] Read(string path) => files[path];

        public void Preview(string changed, byte[] bytes)
        {
            var store = new MemoryStore();
            foreach (var path in Paths)
            {
                var text = Bytes.GetString(path == changed ? bytes : files[path]);
                store.Add(new GuestEntry(path, EntryKind.File, text.Length), text);
            }

            _ = GuestPlanner.Preview(store, target);
        }
    }
}
