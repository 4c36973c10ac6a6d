using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace LinuxP2V.Cmdlets.Tests.Loading;

/// <summary>A type of a late assembly, as a signature names it.</summary>
internal sealed record LateType(string Name, bool IsValueType);

/// <summary>What a type in a signature consists of, as far as it matters to whoever loads it.</summary>
/// <param name="IsValueType">Of the outermost type.</param>
/// <param name="Late">Types of late assemblies that it names at any depth.</param>
/// <param name="Own">Types of the same assembly that it names at any depth.</param>
internal sealed record TypeUse(bool IsValueType, IReadOnlyList<LateType> Late, IReadOnlyList<TypeDefinitionHandle> Own)
{
    public static TypeUse None { get; } = new(false, [], []);

    public static TypeUse Join(IEnumerable<TypeUse> parts, bool isValueType = false)
    {
        var all = parts.ToList();
        return new TypeUse(isValueType, [.. all.SelectMany(p => p.Late)], [.. all.SelectMany(p => p.Own)]);
    }
}

/// <summary>Decodes signatures into <see cref="TypeUse"/>.</summary>
internal sealed class SignatureReader(MetadataReader metadata, IReadOnlySet<string> lateAssemblies)
    : ISignatureTypeProvider<TypeUse, object?>
{
    private const byte ValueTypeMark = (byte)SignatureTypeKind.ValueType;

    /// <summary>Any handle of a type, also that of nothing.</summary>
    public TypeUse Read(EntityHandle type) =>
        type.IsNil
            ? TypeUse.None
            : type.Kind switch
            {
                HandleKind.TypeDefinition => GetTypeFromDefinition(metadata, (TypeDefinitionHandle)type, 0),
                HandleKind.TypeReference => GetTypeFromReference(metadata, (TypeReferenceHandle)type, 0),
                _ => GetTypeFromSpecification(metadata, null, (TypeSpecificationHandle)type, 0),
            };

    /// <summary>Return type and parameters together.</summary>
    public static TypeUse All(MethodSignature<TypeUse> signature) => TypeUse.Join([signature.ReturnType, .. signature.ParameterTypes]);

    public bool IsLate(string assembly) => lateAssemblies.Contains(assembly);

    /// <summary>A type by the name that an attribute's value has.</summary>
    public TypeUse Find(string name)
    {
        var parts = name.Split(',', 3, StringSplitOptions.TrimEntries);
        if (parts.Length > 1)
            return IsLate(parts[1]) ? new TypeUse(false, [new LateType(parts[0], false)], []) : TypeUse.None;
        return new TypeUse(false, [], [.. metadata.TypeDefinitions.Where(t => FullName(t) == parts[0])]);
    }

    public TypeUse GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        new(rawTypeKind == ValueTypeMark, [], [handle]);

    public TypeUse GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeReference(handle);
        var isValueType = rawTypeKind == ValueTypeMark;
        return new TypeUse(
            isValueType,
            AssemblyOf(type) is { } assembly && IsLate(assembly) ? [new LateType(reader.GetString(type.Name), isValueType)] : [],
            []
        );
    }

    public TypeUse GetTypeFromSpecification(
        MetadataReader reader,
        object? genericContext,
        TypeSpecificationHandle handle,
        byte rawTypeKind
    ) => reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public TypeUse GetGenericInstantiation(TypeUse genericType, ImmutableArray<TypeUse> typeArguments) =>
        TypeUse.Join([genericType, .. typeArguments], genericType.IsValueType);

    public TypeUse GetModifiedType(TypeUse modifier, TypeUse unmodifiedType, bool isRequired) =>
        TypeUse.Join([modifier, unmodifiedType], unmodifiedType.IsValueType);

    public TypeUse GetFunctionPointerType(MethodSignature<TypeUse> signature) => All(signature);

    public TypeUse GetSZArrayType(TypeUse elementType) => elementType with { IsValueType = false };

    public TypeUse GetArrayType(TypeUse elementType, ArrayShape shape) => elementType with { IsValueType = false };

    public TypeUse GetByReferenceType(TypeUse elementType) => elementType with { IsValueType = false };

    public TypeUse GetPointerType(TypeUse elementType) => elementType with { IsValueType = false };

    public TypeUse GetPinnedType(TypeUse elementType) => elementType;

    public TypeUse GetPrimitiveType(PrimitiveTypeCode typeCode) => TypeUse.None;

    public TypeUse GetGenericMethodParameter(object? genericContext, int index) => TypeUse.None;

    public TypeUse GetGenericTypeParameter(object? genericContext, int index) => TypeUse.None;

    private string? AssemblyOf(TypeReference type) =>
        type.ResolutionScope.Kind switch
        {
            HandleKind.AssemblyReference => metadata.GetString(
                metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name
            ),
            HandleKind.TypeReference => AssemblyOf(metadata.GetTypeReference((TypeReferenceHandle)type.ResolutionScope)),
            _ => null,
        };

    private string FullName(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = metadata.GetString(type.Name);
        return type.GetDeclaringType() is { IsNil: false } outer ? $"{FullName(outer)}+{name}"
            : type.Namespace.IsNil ? name
            : $"{metadata.GetString(type.Namespace)}.{name}";
    }
}

/// <summary>Collects the types that the values of one attribute name.</summary>
internal sealed class AttributeReader(SignatureReader signatures) : ICustomAttributeTypeProvider<TypeUse>
{
    public List<TypeUse> Types { get; } = [];

    public TypeUse GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        signatures.GetTypeFromDefinition(reader, handle, rawTypeKind);

    public TypeUse GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeReference(handle);
        return reader.StringComparer.Equals(type.Name, nameof(Type)) && reader.StringComparer.Equals(type.Namespace, nameof(System))
            ? SystemType
            : signatures.GetTypeFromReference(reader, handle, rawTypeKind);
    }

    public TypeUse GetTypeFromSerializedName(string? name)
    {
        var use = name is null ? TypeUse.None : signatures.Find(name);
        Types.Add(use);
        return use;
    }

    public TypeUse GetSZArrayType(TypeUse elementType) => elementType;

    public TypeUse GetPrimitiveType(PrimitiveTypeCode typeCode) => TypeUse.None;

    public TypeUse GetSystemType() => SystemType;

    public bool IsSystemType(TypeUse type) => ReferenceEquals(type, SystemType);

    /// <summary>No attribute of ours has an enum of another size.</summary>
    public PrimitiveTypeCode GetUnderlyingEnumType(TypeUse type) => PrimitiveTypeCode.Int32;

    private static TypeUse SystemType { get; } = TypeUse.None with { IsValueType = false };
}
