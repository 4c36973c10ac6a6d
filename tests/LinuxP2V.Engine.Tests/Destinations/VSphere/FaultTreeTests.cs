using System.Text.RegularExpressions;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>The types of faults, against those of the library that the lab's vCenter is made of.</summary>
public sealed partial class FaultTreeTests
{
    private const string Schema = "/usr/share/gocode/src/github.com/vmware/govmomi/vim25/types/types.go";

    [Fact]
    public void It_is_the_schema_s()
    {
        var parents = Structs()
            .Matches(File.ReadAllText(Schema))
            .DistinctBy(match => match.Groups[1].Value)
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        var faults = parents.Keys.Where(type => Lineage(parents, type).Contains("MethodFault")).ToList();
        Assert.True(faults.Count > 500, $"{faults.Count} faults were found in {Schema}");

        Assert.All(faults, fault => Assert.Equal(Lineage(parents, fault), FaultTree.LineageOf(fault)));
    }

    [Theory]
    [InlineData("InsufficientHostMemoryCapacityFault", "InsufficientResourcesFault", true)]
    [InlineData("InsufficientHostMemoryCapacityFault", "InvalidState", false)]
    [InlineData("NotKnown", "NotKnown", true)]
    [InlineData("NotKnown", "MethodFault", false)]
    public void A_fault_is_also_what_it_is_derived_from(string fault, string type, bool isOne) =>
        Assert.Equal(isOne, new VimFaultException(fault, "", null, "CreateVM_Task").Is(type));

    private static List<string> Lineage(Dictionary<string, string> parents, string type)
    {
        var lineage = new List<string> { type };
        while (parents.TryGetValue(lineage[^1], out var parent))
            lineage.Add(parent);

        return lineage;
    }

    /// <summary>A struct that begins with another one.</summary>
    [GeneratedRegex(@"^type (\w+) struct \{\n\t(\w+)(?: `[^`]*`)?\n", RegexOptions.Multiline)]
    private static partial Regex Structs();
}
