using System.Diagnostics;
using System.Text;
using LinuxP2V.Guest.Checks;
using LinuxP2V.Guest.Distributions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Reading;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Tests.Shared.Distributions;

namespace LinuxP2V.Guest.Tests.Distributions;

/// <summary>What the installers of distributions write, read of the source and planned as before a copy.</summary>
public sealed class DistributionTests
{
    public static TheoryData<string> Trees => [.. DistributionTree.Names];

    [Theory]
    [MemberData(nameof(Trees))]
    public void The_plan_is_the_right_one(string name)
    {
        var tree = DistributionTree.Read(name);
        var folder = Directory.CreateTempSubdirectory("linuxp2v-tree-").FullName;
        try
        {
            tree.WriteTo(folder, _ => "x");
            var copy = new FolderStore(folder);
            var source = SourceFiles.Parse(ReadSource(folder));
            var plan = GuestPlanner.Preview(source, tree.Target);
            var shown = Show(plan, source);
            Assert.Equal(tree.Expected("plan", shown), shown);
            // What is read of a source tells as much as the copy will.
            Assert.Equal(Show(GuestPlanner.Preview(copy, tree.Target), copy), shown);
            Assert.Equal(tree.IsRefused, plan.Errors.Any());
            if (!plan.Errors.Any())
                Assert.DoesNotContain(BootCheck.Run(tree.Target, plan), finding => finding.Severity == FindingSeverity.Error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>They differ from the original in their name and in the folder of their loader.</summary>
    [Theory]
    [InlineData("centos", "centos")]
    [InlineData("rocky", "rocky")]
    [InlineData("almalinux", "almalinux")]
    [InlineData("ol", "redhat")]
    public void Rebuilds_of_Red_Hat_are_planned_as_the_original(string id, string loader)
    {
        var tree = DistributionTree.Read("rhel-9");
        var folder = Directory.CreateTempSubdirectory("linuxp2v-tree-").FullName;
        try
        {
            tree.WriteTo(folder, _ => "x");
            var release = $"{folder}/etc/os-release";
            File.WriteAllText(release, File.ReadAllText(release).Replace("ID=\"rhel\"", $"ID=\"{id}\"", StringComparison.Ordinal));
            // An older loader of another distribution stays on the partition.
            Directory.CreateDirectory($"{folder}/boot/efi/EFI/aa");
            File.WriteAllText($"{folder}/boot/efi/EFI/aa/shimx64.efi", "MZ");
            if (loader != "redhat")
                Directory.Move($"{folder}/boot/efi/EFI/redhat", $"{folder}/boot/efi/EFI/{loader}");

            var target = new GuestTarget(tree.Layout, tree.Target.Options with { BootedLoader = null });
            var copy = new FolderStore(folder);
            Assert.Equal(
                tree.Expected("plan", null).Replace("redhat", loader, StringComparison.Ordinal),
                Show(GuestPlanner.Preview(copy, target), copy)
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_distribution_has_a_tree_that_is_refused_or_not_as_the_table_says()
    {
        var trees = DistributionTree.Names.Select(name => (Name: name, DistributionTree.Read(name).IsRefused)).ToList();
        Assert.All(
            KnownDistributions.All,
            known =>
            {
                var own = trees.Where(tree => IsOf(tree.Name, known)).ToList();
                Assert.NotEmpty(own);
                Assert.True(
                    known.Proof == DistributionProof.Refused ? own.All(tree => tree.IsRefused) : own.Exists(tree => !tree.IsRefused),
                    known.Name
                );
            }
        );
        Assert.All(trees, tree => Assert.Contains(KnownDistributions.All, known => IsOf(tree.Name, known)));
    }

    /// <summary>A tree is named after the ID and the version; a variant has more behind it.</summary>
    private static bool IsOf(string name, Distribution known) =>
        known.Ids.Any(id => $"{name}-".StartsWith(known.Version is { } version ? $"{id}-{version}-" : $"{id}-", StringComparison.Ordinal));

    private static string Show(GuestPlan plan, IGuestStore store)
    {
        var text = new StringBuilder();
        var before = new GuestTree(store);
        text.Append("kernel ").AppendLine(plan.Kernel ?? "none");
        foreach (var change in plan.Changes)
        {
            text.AppendLine().Append(change.Concern).Append(' ').Append(change.Subject).Append(": ").AppendLine(change.What);
            if (change is FileText file)
                AppendLines(text, before.TryReadText(file.Path) ?? "", file.Text);
        }

        foreach (var finding in plan.Findings)
            text.AppendLine()
                .Append(finding.Severity)
                .Append(' ')
                .Append(finding.Id)
                .AppendLine(":")
                .Append("  ")
                .AppendLine(finding.What)
                .Append("  ")
                .AppendLine(finding.Remedy);

        return text.ToString();
    }

    /// <summary>Lines that go and lines that come, as diff shows them.</summary>
    private static void AppendLines(StringBuilder text, string before, string after)
    {
        var (old, made) = (before.TrimEnd('\n', '#').Split('\n'), after.TrimEnd('\n', '#').Split('\n'));
        foreach (var line in old.Except(made).Where(line => line.Length > 0))
            text.Append("  - ").AppendLine(line);

        foreach (var line in made.Except(old).Where(line => line.Length > 0))
            text.Append("  + ").AppendLine(line);
    }

    private static string ReadSource(string folder)
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(SourceFiles.Script(folder));
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
