using System.IO.Compression;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.Local;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Sources.Probing;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Tests.Shared;

namespace LinuxP2V.Engine.Tests;

/// <summary>What a source, a helper or a file answers is read or refused, whatever it is.</summary>
[Trait("Run", "Full")]
[Trait("Area", "Fuzz")]
public sealed class FuzzTests
{
    private const string Mark = "@@vm";

    /// <summary>Facts are read of any answer of the probe, with what is wrong in them as problems.</summary>
    [Fact]
    public void The_probe_s_answer_is_read()
    {
        var answer = Recorded();
        // Sections alone lead further into one reader than the whole does.
        var sections = answer.Split(Mark).Where(section => section.Length is > 0 and < 20_000).Select(section => Mark + section);
        Mutations.Run(
            [.. sections.Prepend(answer[..Math.Min(answer.Length, 200_000)]).Select(Encoding.UTF8.GetBytes)],
            bytes => SourceFactsReader.Read(ProbeOutput.Parse(Encoding.UTF8.GetString(bytes), Mark), DateTimeOffset.UnixEpoch),
            exception => exception is FormatException or InvalidDataException
        );
    }

    [Fact]
    public void A_partition_table_is_read()
    {
        var seed = new byte[34 * 512];
        (seed[510], seed[511]) = (0x55, 0xaa);
        seed[450] = 0xee;
        "EFI PART"u8.CopyTo(seed.AsSpan(512));
        (seed[512 + 72], seed[512 + 80], seed[512 + 84]) = (2, 128, 128);
        var mbr = new byte[512];
        (mbr[510], mbr[511], mbr[450], mbr[454], mbr[458]) = (0x55, 0xaa, 0x05, 63, 200);
        Mutations.Run([seed, mbr], bytes => PartitionTableReader.Read(bytes, 512, [new(63, bytes)]), _ => false);
    }

    [Fact]
    public void A_line_of_the_helper_is_read_or_refused() =>
        Mutations.Run(
            [
                .. new[]
                {
                    """{"type":"hello","version":1,"bootId":"b","lastSequence":0,"hasSource":false}""",
                    """
                    {"type":"signatureNeeded","signatureId":"1","publicKey":"A","data":"A","flags":4,"hostKey":"A","hostSignature":""}
                    """,
                    """{"type":"operationFailed","requestId":"copy-1","error":{"id":"CopyFailed","cause":"c","remedy":"r"},"sequence":3}""",
                    """{"type":"volumeProgress","volumeId":"/","bytesDone":1,"bytesTotal":2,"filesDone":3,"filesTotal":4}""",
                }.Select(Encoding.UTF8.GetBytes),
            ],
            bytes => AgentLine.Parse(Encoding.UTF8.GetString(bytes)),
            exception => exception is P2VException
        );

    [Fact]
    public void An_announcement_is_read_or_passed_over() =>
        Mutations.Run(
            [
                Encoding.UTF8.GetBytes(
                    """linuxp2v:{"conversionId":"c","bootId":"b","addresses":["192.0.2.1"],"hostKey":"ssh-ed25519 A","authorizedKey":"k"}"""
                ),
            ],
            bytes => HelperSerialPort.ParseLine(Encoding.UTF8.GetString(bytes)),
            _ => false
        );

    [Fact]
    public void Known_hosts_are_read()
    {
        var path = Path.GetTempFileName();
        try
        {
            Mutations.Run(
                [
                    Encoding.UTF8.GetBytes(
                        "web01,192.0.2.* ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDvuqrxnGxI8RyOEW1ZTgZ3sUZvKiCCBN8JEBn9D1kd+\n"
                            + "@revoked * ssh-rsa AAAA\n|1|AAAA|BBBB ssh-rsa AAAA\n* 1024 35 123\n"
                    ),
                ],
                bytes =>
                {
                    File.WriteAllBytes(path, bytes);
                    _ = KnownHosts.Find([path], "web01");
                },
                _ => false
            );
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_host_key_is_read_or_refused() =>
        Mutations.Run(
            [Convert.FromBase64String("AAAAC3NzaC1lZDI1NTE5AAAAIDvuqrxnGxI8RyOEW1ZTgZ3sUZvKiCCBN8JEBn9D1kd+")],
            bytes => HostKey.FromBlob(bytes),
            exception => exception is FormatException
        );

    [Fact]
    public void A_server_s_answer_is_read()
    {
        const string Page =
            "<Envelope><Body><RetrievePropertiesExResponse><returnval><token>1</token><objects><obj type=\"VirtualMachine\">vm-1</obj>"
            + "<propSet><name>name</name><val>web01</val></propSet></objects></returnval></RetrievePropertiesExResponse></Body></Envelope>";
        Mutations.Run(
            [Encoding.UTF8.GetBytes(Page)],
            bytes =>
            {
                var response = XElement.Parse(Encoding.UTF8.GetString(bytes));
                foreach (var element in response.DescendantsAndSelf().Take(100))
                    _ = PropertyReader.ReadPage(element).ToList();
            },
            exception => exception is XmlException
        );
    }

    private static string Recorded()
    {
        using var stream = typeof(FuzzTests).Assembly.GetManifestResourceStream("debian-lvm.txt.gz")!;
        using var unzipped = new GZipStream(stream, CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped);
        return reader.ReadToEnd();
    }
}
