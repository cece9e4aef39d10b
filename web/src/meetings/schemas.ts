/** Fields of a meeting, in the shape of the forms of a process, so that they look alike. */
import type { Component } from "../forms/model";

const needed = { validate: { required: true } };

export const AREA: Component = { id: "f_area", type: "select", key: "area", label: "哪里的会议", description: "一个村（居）的选到村（居），几个村（居）一起开的选镇（街）", properties: { kind: "area", tier: "town" }, ...needed };
export const HELD_AT: Component = { id: "f_held_at", type: "datetime", key: "held_at", label: "时间", subtype: "datetime", ...needed };
export const PLACE: Component = { id: "f_place", type: "textfield", key: "place", label: "地点", ...needed };
export const CONVENER: Component = { id: "f_convener", type: "radio", key: "convener", label: "召集", values: [{ value: "village", label: "村（居）委会" }, { value: "town", label: "镇（街）" }], ...needed };
export const CHAIR: Component = { id: "f_chair", type: "select", key: "chair", label: "主持人", description: "由镇（街）工作人员主持", properties: { kind: "person", tier: "town" }, ...needed };
export const DEPUTY: Component = { id: "f_deputy", type: "select", key: "deputy", label: "替补主持人", description: "主持人与评议对象有近亲属关系时，由其主持该户", properties: { kind: "person", tier: "town" } };
export const RECORDER: Component = { id: "f_recorder", type: "textfield", key: "recorder", label: "记录人", ...needed };
export const COURSE: Component = { id: "f_course", type: "textarea", key: "course", label: "会议过程", description: "宣讲政策、介绍情况、评议询问、无记名投票、公布结果；写入每户的记录，不要写各户情况", ...needed };
export const PHOTOS: Component = { id: "f_photos", type: "filepicker", key: "photos", label: "签到照片", multiple: true, accept: "image/*,.pdf", properties: { kind: "photo" }, ...needed };

export const BEGIN = { components: [AREA, HELD_AT, PLACE, CONVENER, CHAIR, RECORDER] };
