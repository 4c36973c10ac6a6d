using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>
/// Disks on each sort of controller in one VM, no two of a size. Each is told an identifier by its controller and unit,
/// in words written by hand; which of them got it is read from the disks' files.
/// </summary>
internal static class HelperDisks
{
    private const long Megabyte = 1 << 20;

    /// <summary>With the names that a layout has for the controllers.</summary>
    private static readonly (string LayoutName, DiskRecipe Recipe)[] AllDisks =
    [
        ("LsiLogicSas", new("VirtualLsiLogicSASController", 1, 3, 340)),
        ("Pvscsi", new("ParaVirtualSCSIController", 0, 5, 310)),
        ("Nvme", new("VirtualNVMEController", 0, 1, 350)),
        ("Pvscsi", new("ParaVirtualSCSIController", 0, 2, 320)),
        ("Ahci", new("VirtualAHCIController", 0, 4, 330)),
    ];

    public static IReadOnlyList<DiskRecipe> Recipes => [.. AllDisks.Select(disk => disk.Recipe)];

    /// <summary>Has the helper's agent partition the disks, over its SSH.</summary>
    public static async Task PrepareAsync(string address, string keyFile, string conversionId, TimeSpan timeout)
    {
        string[] requests =
        [
            $$"""{"type":"hello","requestId":"hello","version":{{LinuxP2V.Protocol.ProtocolVersion.Current}},"afterSequence":0}""",
            $$"""{"type":"prepare","requestId":"prepare-1","conversionId":"{{conversionId}}","layout":{{Layout()}}}""",
        ];
        using var ssh = Process.Start(
            new ProcessStartInfo(
                "ssh",
                [
                    "-F",
                    "none",
                    "-i",
                    keyFile,
                    "-o",
                    "BatchMode=yes",
                    "-o",
                    "IdentitiesOnly=yes",
                    "-o",
                    "LogLevel=ERROR",
                    "-o",
                    "StrictHostKeyChecking=no",
                    "-o",
                    "UserKnownHostsFile=/dev/null",
                    "-o",
                    "ConnectTimeout=60",
                    $"root@{address}",
                ]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        try
        {
            foreach (var request in requests)
                await ssh.StandardInput.WriteLineAsync(request);

            await ssh.StandardInput.FlushAsync();
            using var deadline = new CancellationTokenSource(timeout);
            while (await ssh.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
            {
                var answer = JsonSerializer.Deserialize<JsonElement>(line);
                var type = answer.GetProperty("type").GetString();
                Assert.False(type == "operationFailed", line);
                if (type == "operationCompleted" && answer.GetProperty("requestId").GetString() == "prepare-1")
                    return;
            }

            Assert.Fail("The helper's agent ended the conversation.");
        }
        finally
        {
            ssh.StandardInput.Close();
            if (!ssh.WaitForExit(5000))
                ssh.Kill();
        }
    }

    /// <summary>Of each disk's file, the identifier that it was to get and the one that it has.</summary>
    public static async Task<IReadOnlyList<(string Expected, string Found)>> IdentifiersAsync(string machineFolder, string name)
    {
        var found = new List<(string, string)>();
        for (var number = 0; number < AllDisks.Length; number++)
        {
            var file = Path.Combine(machineFolder, number == 0 ? $"{name}-flat.vmdk" : $"{name}_{number}-flat.vmdk");
            Assert.Equal((long)(AllDisks[number].Recipe.SizeMB * Megabyte), new FileInfo(file).Length);
            var table = (await Command.RunAsync("sfdisk", ["--json", file], CancellationToken.None))
                .OrThrow("The disk has no partition table")
                .Output;
            found.Add(
                (
                    Identifier(number),
                    JsonSerializer.Deserialize<JsonElement>(table).GetProperty("partitiontable").GetProperty("id").GetString()!
                )
            );
        }

        return found;
    }

    private static string Identifier(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"0D15C000-0000-4000-8000-00000000000{number}");

    private static string Layout()
    {
        var disks = AllDisks.Select(
            (disk, number) =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $$"""
                    {"number":{{number}},"sizeBytes":{{(long)disk.Recipe.SizeMB
                        * Megabyte}},"address":{"controller":"{{disk.LayoutName}}","bus":0,"unit":{{disk.Recipe.Unit}}},
                    "partitionTable":"Gpt","identifier":"{{Identifier(number)}}","isBootDisk":{{(number == 0 ? "true" : "false")}},
                    "partitions":[{"number":1,"startBytes":{{Megabyte}},"sizeBytes":{{(number + 200)
                        * Megabyte}},"type":"0FC63DAF-8483-4772-8E79-3D69D8477DE4"}]}
                    """
                )
        );
        return $$"""
            {"firmware":"Bios","disks":[{{string.Join(',', disks)}}],"volumeGroups":[],
            "volumes":[{"id":"/","mountPoint":"/","sourceDevice":"/dev/sda1","excludedPaths":[],
            "device":{"disk":0,"partition":1},"fileSystem":{"kind":"Ext4","btrfsFeatures":[]} }]}
            """.ReplaceLineEndings(" ");
    }
}
