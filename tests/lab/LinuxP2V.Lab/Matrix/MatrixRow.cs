using System.Text.RegularExpressions;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;

namespace LinuxP2V.Lab.Matrix;

/// <summary>A row of the matrix: the recipe of a source machine, the VM's hardware, and what shall come of it.</summary>
/// <param name="Name">The recipe's.</param>
/// <param name="Title">The first sentence of the recipe's comment.</param>
/// <param name="User">Whose login the product takes.</param>
/// <param name="Refusal">The finding that refuses the machine before anything is copied; null: its copy shall boot.</param>
public sealed partial record MatrixRow(string Name, string Title, VmHardware Hardware, string User, string? Refusal)
{
    /// <summary>By name.</summary>
    public static IReadOnlyList<MatrixRow> All { get; } = [.. SourceImage.Machines.Select(Read)];

    /// <exception cref="LabException">There is no such row.</exception>
    public static MatrixRow Named(string name) =>
        All.FirstOrDefault(row => row.Name == name)
        ?? throw new LabException($"The matrix has no row '{name}'. Its rows are: {string.Join(", ", All.Select(row => row.Name))}");

    private static MatrixRow Read(string name) => Parse(name, File.ReadAllLines(SourceImage.RecipeOf(name)));

    internal static MatrixRow Parse(string name, IReadOnlyList<string> recipe)
    {
        var comment = string.Join(' ', recipe.TakeWhile(line => line.StartsWith('#')).Select(line => line.TrimStart('#', ' ')));
        return new MatrixRow(
            name,
            FirstSentence().Match(comment).Value,
            new VmHardware(Setting(recipe, "controller"), Setting(recipe, "adapter")),
            Setting(recipe, "user") ?? "root",
            Setting(recipe, "refused")
        );
    }

    /// <summary>A line NAME=WORD of the recipe.</summary>
    private static string? Setting(IEnumerable<string> recipe, string name) =>
        recipe.LastOrDefault(line => line.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    [GeneratedRegex(@"^.*?(?=\.(\s|$)|$)")]
    private static partial Regex FirstSentence();
}
